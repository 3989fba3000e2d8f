// Markdown to read; what turns it into elements is fetched when the first text is shown.
import { Suspense, lazy, memo } from "react";
import type { MarkdownProps } from "./markdown-view";
import "./styles/prose.css";

function Plain({ text }: MarkdownProps) {
  return <div className="prose prose-plain">{text}</div>;
}

/** Where the part cannot be fetched, without a connection, the text is shown as it was typed. */
export const loadMarkdown = () =>
  import("./markdown-view").then(
    ({ MarkdownView }) => ({ default: MarkdownView }),
    () => ({ default: Plain }),
  );

const View = lazy(loadMarkdown);

export const Markdown = memo(function Markdown(props: MarkdownProps) {
  return (
    <Suspense fallback={<Plain {...props} />}>
      <View {...props} />
    </Suspense>
  );
});
