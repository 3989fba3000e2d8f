// Starts the program in the page that the server sends.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { watchAttention } from "@/api/attention";
import { ApiError } from "@/api/client";
import { I18nProvider } from "@/i18n/context";
import { applyAppearance, rememberedAppearance } from "@/ui/appearance";
import { applyTheme, rememberedTheme } from "@/ui/theme";
import { App } from "./app";
import "@/ui/styles/tokens.css";
import "@/ui/styles/base.css";
import "@/ui/styles/parts.css";
import "@/ui/styles/shell.css";

watchAttention(window);
applyTheme(rememberedTheme());
applyAppearance(rememberedAppearance());

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => !(error instanceof ApiError) && failures < 2,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <I18nProvider>
        <App />
      </I18nProvider>
    </QueryClientProvider>
  </StrictMode>,
);
