/** What an agent did hour by hour, with the limit that applied and the alerts. */

const VOLUME_HEIGHT = 260

/** Hours in which nothing was measured are not in it. @param {import('../data.js').SeriesDetails} series */
function seriesOf({ hours, totals, limits }) {
  return { hours: hoursOf(hours), totals, limits: limitsOf(limits) }
}

/** Hours with an alert of a detection. @param {number} agent @param {number} detection */
function alertedHours(agent, detection) {
  const places = alertsByAgent.get(agent) ?? []
  const rows = places.map((place) => /** @type {import('../data.js').AlertRow} */ (index.alerts[place]))
  return new Set(rows.flatMap(([time, of]) => (of === detection ? [Math.floor(time / 3600)] : [])))
}

/** @param {import('../data.js').SeriesDetails} details @param {number} agent @param {string} scale */
function volumeChart(details, agent, scale) {
  const { hours, totals, limits } = seriesOf(details)
  const alerted = alertedHours(agent, details.detection)
  const marks = hours.map((hour, place) => (alerted.has(hour) ? (totals[place] ?? null) : null))
  const rest = `Active in ${countText(hours.length, 'hour')}; most ${numberText(Math.max(...totals))} in an hour; ${countText(alerted.size, 'hour')} with an alert.`
  const said = el('p', { class: 'reading' }, rest)
  const label = `${index.detections[details.detection]?.unit} an hour. ${rest}`
  const holder = el('div', { class: 'chart', role: 'img', 'aria-label': label })
  const read = (/** @type {any} */ plot) => {
    said.textContent = readingAt(plot.cursor.idx, hours, totals, limits) ?? rest
  }
  const middles = hours.map((hour) => hour * 3600 + 1800)
  draw(holder, VOLUME_HEIGHT, (width) => volumeOptions(width, scale, read), [middles, totals, limits, marks])
  return el('div', {}, holder, said, volumeLegend())
}

/** @param {number} width @param {string} scale @param {(plot: any) => void} read */
function volumeOptions(width, scale, read) {
  const isLogarithmic = scale === 'logarithmic'
  const range = (/** @type {unknown} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [
    0,
    Math.max(1, high * (isLogarithmic ? 3 : 1.1)),
  ]
  return {
    width,
    height: VOLUME_HEIGHT,
    tzDate: utc,
    legend: { show: false },
    axes: isLogarithmic ? decadeAxes() : axes(),
    padding: [12, 26, 0, 0],
    cursor: { y: false, points: { show: false } },
    scales: {
      x: { range: () => [period.from, period.to] },
      // Like a logarithm, but with a place for 0.
      y: isLogarithmic ? { distr: 4, asinh: 1, range } : { range },
    },
    hooks: { setCursor: [read] },
    series: [{}, ...volumeSeries()],
  }
}

/** Axes with 0 and some powers of ten. */
function decadeAxes() {
  const [time, amount] = axes()
  const splits = (
    /** @type {unknown} */ _,
    /** @type {number} */ _axis,
    /** @type {number} */ _low,
    /** @type {number} */ high,
  ) => {
    const decades = Math.floor(Math.log10(Math.max(1, high)))
    const step = Math.ceil((decades + 1) / 6)
    const powers = Array.from({ length: Math.floor(decades / step) + 1 }, (__, nth) => 10 ** (nth * step))
    return [0, ...powers]
  }
  return [time, { ...amount, splits, filter: (/** @type {unknown} */ _, /** @type {number[]} */ all) => all }]
}

function volumeSeries() {
  const none = { show: false }
  const marks = { show: true, size: 11, fill: colour('high'), stroke: colour('surface'), width: 2 }
  const bars = uPlot.paths.bars({ size: [0.9, 24, 2] })
  return [
    { fill: colour('accent'), stroke: colour('accent'), width: 0, points: none, paths: bars },
    {
      stroke: colour('limit'),
      width: 2,
      dash: [6, 3],
      points: none,
      paths: uPlot.paths.stepped({ align: 1 }),
    },
    { stroke: colour('high'), width: 0, paths: () => null, points: marks },
  ]
}

/** @param {number | null | undefined} place @param {number[]} hours @param {readonly number[]} totals @param {(number | null)[]} limits */
function readingAt(place, hours, totals, limits) {
  const hour = hours[place ?? -1]
  if (hour === undefined || place === null || place === undefined) return undefined
  const limit = limits[place] ?? undefined
  const known =
    limit === undefined ? 'too little known of the agent for a limit' : `limit ${numberText(limit)}`
  return `${hourText(hour)} UTC: ${numberText(totals[place] ?? 0)}, ${known}`
}

function volumeLegend() {
  return swatches([
    ['accent', 'measured in the hour'],
    ['limit', 'limit that applied'],
    ['high', 'alert'],
  ])
}

/** A legend of colours and what they mean. @param {[name: string, text: string][]} entries */
function swatches(entries) {
  const items = entries.map(([name, text]) =>
    el('li', {}, el('span', { class: `swatch fill-${name}`, 'aria-hidden': 'true' }), text),
  )
  return el('ul', { class: 'legend' }, ...items)
}
