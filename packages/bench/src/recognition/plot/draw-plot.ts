/** Where values lie on an axis. `log` has a floor: 0 is drawn on it. */
export interface Axis {
  readonly label: string
  readonly scale: 'linear' | 'log'
  /** First and last value drawn. */
  readonly range: readonly [number, number]
  /** Where a line is drawn and a figure stands. */
  readonly ticks: readonly number[]
}

export interface PlotSeries {
  readonly name: string
  /** Drawn on top, thicker. */
  readonly isOurs: boolean
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface Plot {
  readonly title: string
  readonly subtitle: string
  /** For who cannot see it: what it shows. */
  readonly description: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly PlotSeries[]
  /** A dashed line from corner to corner, with what it means. */
  readonly diagonal?: string
}

const WIDTH = 800
const HEIGHT = 478
const LEFT = 76
const TOP = 70
const SIDE = 276
const BOTTOM = 62
const RIGHT = WIDTH - SIDE
const FLOOR = HEIGHT - BOTTOM

/** Told apart without red and green beside each other (Okabe and Ito 2008); on dark ground the same, lighter. */
const COLOURS = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff9a56'],
  ['#8a5fa8', '#cc9bdd'],
  ['#00785a', '#3fcf9f'],
  ['#8a6d00', '#e6c229'],
  ['#6b6b6b', '#b5b5b5'],
  ['#b0417f', '#f291c3'],
  ['#5b4bd6', '#a99cff'],
  ['#a33b1f', '#ff7a5c'],
  ['#3d7a8a', '#7fd0e0'],
] as const

const style = () => {
  const rules = (shade: 0 | 1) => COLOURS.map((pair, index) => `.s${index}{--c:${pair[shade]}}`).join('')
  return `<style>
svg{--ground:#ffffff;--ink:#1f2328;--soft:#59636e;--grid:#d8dee4;font:13px system-ui,-apple-system,'Segoe UI',sans-serif}
.ground{fill:var(--ground)}text{fill:var(--ink)}.soft{fill:var(--soft)}.grid{stroke:var(--grid)}.frame{stroke:var(--soft);fill:none}
.line{stroke:var(--c);fill:none;stroke-linejoin:round}.dot{fill:var(--c);stroke:var(--ground)}
${rules(0)}
@media (prefers-color-scheme:dark){svg{--ground:#0d1117;--ink:#e6edf3;--soft:#9198a1;--grid:#30363d}${rules(1)}}
</style>`
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const rounded = (pixels: number) => pixels.toFixed(1)

/** Share of the axis, 0–1; what lies outside is drawn at its end. */
function place({ scale, range: [first, last] }: Axis, value: number): number {
  const kept = Math.min(Math.max(value, first), last)
  return scale === 'linear'
    ? (kept - first) / (last - first)
    : Math.log(kept / first) / Math.log(last / first)
}

const percent = (value: number) => `${Number((100 * value).toPrecision(2))} %`

/**
 * A plot of shares (0–1, written as percentages) as SVG, readable on light and on dark ground: it asks the reader's system
 * which of the two it is.
 */
export function drawPlot({ title, subtitle, description, x, y, series, diagonal }: Plot): string {
  const atX = (value: number) => rounded(LEFT + place(x, value) * (RIGHT - LEFT))
  const atY = (value: number) => rounded(FLOOR - place(y, value) * (FLOOR - TOP))
  const grid = [
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${atX(tick)}" x2="${atX(tick)}" y1="${TOP}" y2="${FLOOR}"/>` +
        `<text class="soft" x="${atX(tick)}" y="${FLOOR + 20}" text-anchor="middle">${percent(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${atY(tick)}" y2="${atY(tick)}"/>` +
        `<text class="soft" x="${LEFT - 8}" y="${atY(tick)}" dy=".35em" text-anchor="end">${percent(tick)}</text>`,
    ),
  ]
  const drawn = series.map(({ points, isOurs }, index) => {
    const path = points.map((point) => `${atX(point.x)},${atY(point.y)}`).join(' ')
    const dots = points.length > 40 ? [] : points
    return [
      `<g class="s${index % COLOURS.length}">`,
      `<polyline class="line" stroke-width="${isOurs ? 3 : 1.75}" points="${path}"/>`,
      ...dots.map(
        (point) => `<circle class="dot" cx="${atX(point.x)}" cy="${atY(point.y)}" r="${isOurs ? 4.5 : 4}"/>`,
      ),
      '</g>',
    ].join('')
  })
  const legend = series.map(({ name, isOurs }, index) => {
    const row = TOP + 10 + index * 24
    return (
      `<g class="s${index % COLOURS.length}"><line class="line" stroke-width="${isOurs ? 4 : 2.5}" x1="${RIGHT + 18}" x2="${RIGHT + 40}" y1="${row}" y2="${row}"/>` +
      `<path class="dot" d="M${RIGHT + 25} ${row}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"/></g>` +
      `<text x="${RIGHT + 48}" y="${row}" dy=".35em"${isOurs ? ' font-weight="600"' : ''}>${escaped(name)}</text>`
    )
  })
  const [right, top] = [rounded(RIGHT), rounded(TOP)]
  const dashed =
    diagonal === undefined
      ? []
      : [
          `<line class="frame" stroke-dasharray="5 5" x1="${LEFT}" y1="${FLOOR}" x2="${right}" y2="${top}"/>`,
          `<line class="frame" stroke-dasharray="5 5" x1="${RIGHT + 18}" x2="${RIGHT + 40}" y1="${TOP + 10 + series.length * 24}" y2="${TOP + 10 + series.length * 24}"/>`,
          `<text class="soft" x="${RIGHT + 48}" y="${TOP + 10 + series.length * 24}" dy=".35em">${escaped(diagonal)}</text>`,
        ]
  // Ours goes on top of the others, whatever its place in the legend.
  const order = series
    .map(({ isOurs }, index) => ({ isOurs, index }))
    .sort((a, b) => Number(a.isOurs) - Number(b.isOurs))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`,
    style(),
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    `<text x="${LEFT}" y="30" font-size="16" font-weight="600">${escaped(title)}</text>`,
    `<text class="soft" x="${LEFT}" y="50">${escaped(subtitle)}</text>`,
    ...grid,
    `<rect class="frame" x="${LEFT}" y="${TOP}" width="${RIGHT - LEFT}" height="${FLOOR - TOP}"/>`,
    ...dashed,
    ...order.map(({ index }) => drawn[index] ?? ''),
    ...legend,
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 16}" text-anchor="middle">${escaped(x.label)}</text>`,
    `<text transform="translate(20 ${(TOP + FLOOR) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}
