/** Alerts over time, stacked by severity or by detection. */

const BUCKETS = [1, 2, 3, 6, 12, 24, 48, 168]
const MOST_BARS = 120
const MOST_COLOURS = 7
const TIMELINE_HEIGHT = 220

/** Steps of an axis on which there are no parts of one. */
const WHOLE = Array.from({ length: 7 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat()

/** @param {number} seconds since 1970 */
const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC')

function axes() {
  const common = {
    stroke: colour('quiet'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
    font: '12px system-ui, sans-serif',
  }
  return [
    { ...common, size: 32, values: dateTexts },
    {
      ...common,
      size: 64,
      values: (/** @type {unknown} */ _, /** @type {number[]} */ splits) =>
        splits.map((value) => shortNumber(value)),
    },
  ]
}

/** Days as `Oct 20`, hours as `03:00`. @param {unknown} _ @param {number[]} splits */
const dateTexts = (_, splits) =>
  splits.map((seconds) => {
    const date = new Date(seconds * 1000)
    if (seconds % 86400 !== 0) return date.toISOString().slice(11, 16)
    return date.toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' })
  })

/** @param {number} value */
const shortNumber = (value) =>
  new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)

/** What alerts are told apart by: names with colours, and which one an alert has. @param {number[]} alerts @param {string} by */
function groupsOf(alerts, by) {
  if (by === 'severity') {
    return {
      names: SEVERITIES,
      colours: SEVERITIES.map(colour),
      of: (/** @type {number} */ place) => index.alerts[place]?.[3] ?? 0,
    }
  }
  const counts = index.detections.map(() => 0)
  for (const [detection, ofSeverity] of countsBy(alerts, 1)) counts[detection] = total(ofSeverity)
  const most = [...counts.keys()]
    .filter((one) => (counts[one] ?? 0) > 0)
    .sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))
    .slice(0, MOST_COLOURS)
  const names = most.map((one) => index.detections[one]?.title ?? '')
  const colours = most.map((_, one) => colour(`group-${one}`))
  const of = (/** @type {number} */ place) => {
    const rank = most.indexOf(index.alerts[place]?.[1] ?? -1)
    return rank < 0 ? most.length : rank
  }
  return { names: [...names, 'others'], colours: [...colours, colour('informational')], of }
}

/** How wide bars are, and at which second each begins. */
function bucketsOf() {
  const { from, to } = wantedPeriod()
  const hours = (to - from) / 3600
  const width = (BUCKETS.find((one) => hours / one <= MOST_BARS) ?? 168) * 3600
  const start = Math.floor(from / width) * width
  const count = Math.max(1, Math.ceil((to - start) / width))
  return { width, times: Array.from({ length: count }, (_, bucket) => start + bucket * width) }
}

/** @param {number[]} alerts @param {string} by */
function timeline(alerts, by) {
  const { width, times } = bucketsOf()
  const [start = 0] = times
  const { names, colours, of } = groupsOf(alerts, by)
  const counts = names.map(() => times.map(() => 0))
  for (const place of alerts) {
    const bucket = Math.floor(((index.alerts[place]?.[0] ?? start) - start) / width)
    const row = counts[of(place)]
    if (row && row[bucket] !== undefined) row[bucket]++
  }
  const groups = names.map((name, group) => ({
    name,
    colour: colours[group] ?? '',
    count: total(counts[group]),
  }))
  const label = `${countText(alerts.length, 'alert')} from ${timeText(start)} to ${timeText(start + times.length * width)}, by ${by}`
  const holder = el('div', { class: 'chart', role: 'img', 'aria-label': label })
  const x = [start, start + times.length * width]
  const data = [times, ...stackedOf(counts).reverse()]
  const brushed = (/** @type {any} */ plot) => lookAt(plot, start, width)
  draw(holder, TIMELINE_HEIGHT, (ofHolder) => timelineOptions(ofHolder, x, groups, brushed), data)
  const bars = width === 3600 ? 'an hour' : width === 86400 ? 'a day' : `${width / 3600} hours`
  return el(
    'div',
    {},
    holder,
    legend(groups),
    el('p', { class: 'quiet small' }, `A bar is ${bars}, UTC. Drag over some to look at these only.`),
  )
}

/** Limits the filter to the bars over which one dragged. @param {any} plot @param {number} start @param {number} width */
function lookAt(plot, start, width) {
  const { left, width: dragged } = plot.select
  if (dragged < 3) return
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + dragged, 'x')]
  const bar = (/** @type {number} */ at) => start + at * width
  changeFilter({ from: bar(Math.floor((from - start) / width)), to: bar(Math.ceil((to - start) / width)) })
}

/** @param {number} width @param {number[]} x @param {{ name: string, colour: string }[]} groups @param {(plot: any) => void} brushed */
function timelineOptions(width, x, groups, brushed) {
  const y = (/** @type {unknown} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [
    0,
    Math.max(4, high * 1.1),
  ]
  const [time, count] = axes()
  return {
    width,
    height: TIMELINE_HEIGHT,
    tzDate: utc,
    legend: { show: false },
    axes: [time, { ...count, incrs: WHOLE }],
    padding: [12, 26, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    hooks: { setSelect: [brushed] },
    scales: { x: { range: () => x }, y: { range: y } },
    series: [{}, ...groups.map(timelineSeries).reverse()],
  }
}

/** @param {{ name: string, colour: string }} group */
function timelineSeries({ name, colour: fill }) {
  const paths = uPlot.paths.bars({ size: [0.86, 48], align: 1 })
  return { label: name, fill, stroke: fill, width: 0, points: { show: false }, paths }
}

/** Each group on top of those before it. @param {number[][]} counts */
function stackedOf(counts) {
  /** @type {number[][]} */
  const stacked = []
  for (const row of counts) {
    const below = stacked.at(-1)
    stacked.push(row.map((count, bucket) => count + (below?.[bucket] ?? 0)))
  }
  return stacked
}

/** @param {{ name: string, colour: string, count: number }[]} groups */
function legend(groups) {
  const items = groups
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ name, colour: fill, count }) => {
      const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' })
      swatch.style.background = fill
      return el('li', {}, swatch, `${name} `, el('strong', {}, numberText(count)))
    })
  return el('ul', { class: 'legend' }, ...items)
}

/** Charts on the page, which follow its width and are let go with it. @type {Set<{ plot: any, holder: HTMLElement }>} */
const charts = new Set()

/** Ends the charts that are no longer on the page. */
function endOldCharts() {
  for (const one of charts) {
    if (one.holder.isConnected) continue
    one.plot.destroy()
    charts.delete(one)
  }
}

/** Draws once the holder is on the page and so has a width. @param {HTMLElement} holder @param {number} height @param {(width: number) => any} options @param {any[]} data */
function draw(holder, height, options, data) {
  holder.style.minHeight = `${height}px`
  requestAnimationFrame(() => {
    endOldCharts()
    if (!holder.isConnected) return
    charts.add({ plot: new uPlot(options(holder.clientWidth), data, holder), holder })
  })
}

addEventListener('resize', () => {
  endOldCharts()
  for (const { plot, holder } of charts) plot.setSize({ width: holder.clientWidth, height: plot.height })
})
