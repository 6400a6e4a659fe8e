// Plots as SVG that can be read on light and on dark pages.

const style = `
  text { font: 12px system-ui, sans-serif; fill: #333; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #777; }
  .line { stroke: #777; stroke-width: 1; fill: none; }
  .c0 { fill: #3b7dd8; } .c1 { fill: #e08a2e; } .c2 { fill: #3a9d5d; } .c3 { fill: #9a9a9a; }
  .c4 { fill: #b05cc0; } .c5 { fill: #c9504a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd; } .quiet { fill: #999; } .line { stroke: #888; }
  }`;

const escaped = (text) =>
  String(text).replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

const attributes = (values) =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${escaped(typeof value === 'number' ? +value.toFixed(2) : value)}"`,
    )
    .join('');

export const text = (x, y, content, rest = {}) =>
  `<text${attributes({ x, y, ...rest })}>${escaped(content)}</text>`;

/** A rectangle; `hint` appears where the pointer rests on it. */
export const bar = (x, y, width, height, className, hint) =>
  `<rect${attributes({ x, y, width, height, class: className })}><title>${escaped(hint)}</title></rect>`;

export const line = (x1, y1, x2, y2) => `<line${attributes({ x1, y1, x2, y2, class: 'line' })}/>`;

export function document(width, height, title, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>${style}
</style>
${text(16, 24, title, { class: 'title' })}
${parts.join('\n')}
</svg>
`;
}
