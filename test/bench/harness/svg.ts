/** The markup of a chart. @param parts lines of SVG */
export function picture(title: string, width: number, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif">
<title>${escape(title)}</title>
<style>
text { font-size: 13px; fill: #222 } .small { font-size: 11px; fill: #666 } .grid { stroke: #ddd } .goal { stroke: #666 }
.met { fill: #2a7f62 } .missed { fill: #b3412f } .spread { stroke: #222; stroke-width: 1.5 }
.line { fill: none; stroke: #2a7f62; stroke-width: 2 } .log { fill: none; stroke: #666; stroke-dasharray: 4 4 }
</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="16" y="28" font-weight="600">${escape(title)}</text>
${parts.join('\n')}
</svg>
`;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
