// Lines over time as an SVG, for the docs: panels below each other, each with its own scale.

interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

interface Panel {
  readonly title: string;
  /** At least so much is the top of the scale, so that small changes do not look large. */
  readonly top: number;
  readonly lines: readonly Line[];
}

const [width, height, left, right, gap] = [760, 110, 60, 150, 34];
const colors = ['#1668dc', '#d4380d', '#389e0d', '#722ed1'];

/** Draws panels whose values belong to the times `minutes`, of the same count. */
export function toSvg(title: string, minutes: readonly number[], panels: readonly Panel[]): string {
  const last = minutes.at(-1) ?? 1;
  const inner = width - left - right;
  const toX = (minute: number): number => left + (inner * minute) / last;
  const drawn = panels.map((panel, place) => {
    const y = 40 + place * (height + gap);
    const most = Math.max(panel.top, ...panel.lines.flatMap(({ values }) => values));
    const toY = (value: number): number => y + height - (height * value) / most;
    const lines = panel.lines.map(({ name, values }, n) => {
      const color = colors[n % colors.length] ?? '#000';
      const points = values.map((value, i) => `${toX(minutes[i] ?? 0).toFixed(1)},${toY(value).toFixed(1)}`);
      const label = `${name}, last ${toText(values.at(-1) ?? 0)}`;
      return `<polyline fill="none" stroke="${color}" stroke-width="1.5" points="${points.join(' ')}"/>
<text x="${width - right + 8}" y="${y + 14 + n * 16}" fill="${color}">${escape(label)}</text>`;
    });
    return `<text x="${left}" y="${y - 6}" font-weight="bold">${escape(panel.title)}</text>
<rect x="${left}" y="${y}" width="${inner}" height="${height}" fill="none" stroke="#bbb"/>
<text x="${left - 6}" y="${y + 10}" text-anchor="end">${toText(most)}</text>
<text x="${left - 6}" y="${y + height}" text-anchor="end">0</text>
${lines.join('\n')}`;
  });
  const bottom = 40 + panels.length * (height + gap);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom}" viewBox="0 0 ${width} ${bottom}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="18" font-size="13">${escape(title)}</text>
${drawn.join('\n')}
<text x="${width - right}" y="${bottom - 14}" text-anchor="end">${toText(last)} minutes</text>
</svg>
`;
}

function toText(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
