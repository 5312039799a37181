const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [760, 420, 60, 40, 50];
const RIGHT = 480;
const COLOURS = ['#0969da', '#cf222e', '#1a7f37', '#8250df', '#bf8700', '#6e7781', '#d4507e', '#0a7d84'];

/** Draws lines over a number as an SVG, both axes by powers of ten: growth in proportion is a straight line at 45°. Lines: `[name, [x, y][]][]`. */
export function linePlot({ title, unit, lines }) {
  const points = lines.flatMap(([, line]) => line);
  const x = scale(
    points.map(([value]) => value),
    LEFT,
    RIGHT,
  );
  const y = scale(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const marks = [
    ...x.ticks.map(
      (tick) => `<path d="M${x(tick)} ${TOP}V${HEIGHT - BOTTOM}" class="g"/>${text(x(tick), HEIGHT - BOTTOM + 18, tick.toLocaleString('en'), 'middle')}`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<path d="M${LEFT} ${y(tick)}H${RIGHT}" class="g"/>${text(LEFT - 6, y(tick) + 4, tick.toLocaleString('en', { maximumFractionDigits: 6 }), 'end')}`,
    ),
  ];
  const drawn = lines.map(([name, line], index) => {
    const colour = COLOURS[index % COLOURS.length];
    const at = line.map(([a, b]) => [x(a).toFixed(1), y(b).toFixed(1)]);
    const dots = at.map(([a, b]) => `<circle cx="${a}" cy="${b}" r="3" fill="${colour}"/>`).join('');
    const key = TOP + 12 + index * 20;
    return `<polyline points="${at.map((pair) => pair.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}<path d="M${RIGHT + 16} ${key - 4}h16" stroke="${colour}" stroke-width="3"/>${text(RIGHT + 38, key, name)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">
<style>.g{stroke:#d0d7de;fill:none}text{fill:#1f2328}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(LEFT, 22, title)}${text((LEFT + RIGHT) / 2, HEIGHT - 10, unit, 'middle')}
${[...marks, ...drawn].join('\n')}
</svg>
`;
}

function text(x, y, what, anchor = 'start') {
  const safe = String(what).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${safe}</text>`;
}

/** Maps numbers to places between two, by their logarithm; whole powers of ten around them are its ticks. */
function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const place = (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  return Object.assign(place, { ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)) });
}
