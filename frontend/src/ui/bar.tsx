// How far something is: a bar with a number beside it.

interface BarProps {
  readonly label: string;
  readonly share: number;
  readonly text: string;
  readonly color?: string;
  readonly testId?: string;
}

export function Bar({ label, share, text, color, testId }: BarProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  const style = { "--bar": `${percent}%`, ...(color ? { "--bar-color": color } : {}) };
  return (
    <div className="bar" data-testid={testId}>
      <span className="bar-label">{label}</span>
      <span
        className="bar-track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={text}
        style={style}
      />
      <span className="bar-text">{text}</span>
    </div>
  );
}
