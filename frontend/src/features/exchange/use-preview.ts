// A preview of the chosen file, if it holds inserts; another one whenever the rules change.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewInserts } from "@/api/endpoints";
import type { CutRules } from "@/api/types";
import { firstPart, headOf, looksLikeInserts } from "./inserts";

interface Asked {
  readonly projectId: number;
  readonly file: File | null;
  readonly format: string;
}

export function usePreview({ projectId, file, format }: Asked) {
  const [chosen, setChosen] = useState<{ file: File; rules: CutRules } | null>(null);
  const rules = chosen !== null && chosen.file === file ? chosen.rules : null;
  const mark = file === null ? "" : `${file.name} ${file.size} ${file.lastModified}`;
  const told = useQuery({
    queryKey: ["inserts", "told", mark],
    queryFn: async () => file !== null && looksLikeInserts(await headOf(file)),
    enabled: file !== null && format === "auto",
  });
  const isAsked =
    file !== null && (format === "inserts" || (format === "auto" && told.data === true));
  const preview = useQuery({
    queryKey: ["inserts", "preview", projectId, mark, rules],
    queryFn: async () => {
      const form = new FormData();
      if (file !== null) form.append("file", await firstPart(file));
      if (rules !== null) form.append("rules", JSON.stringify(rules));
      return previewInserts(projectId, form);
    },
    enabled: isAsked,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return {
    isAsked,
    rules,
    data: isAsked ? preview.data : undefined,
    error: preview.error,
    setRules: (next: CutRules) => {
      if (file !== null) setChosen({ file, rules: next });
    },
  };
}
