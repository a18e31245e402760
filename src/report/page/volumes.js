/** What an agent did hour by hour, with the limit that applied and the alerts. */

/** A series with every hour of the report: nothing was measured where the agent was not active. @param {import('../data.js').SeriesDetails} series */
function seriesOf({ hours, totals, limits }) {
  return { hours: hoursOf(hours), totals, limits: limitsOf(limits) }
}

/** @param {import('../data.js').SeriesDetails} details @param {number} agent */
function volumeChart(details, agent) {
  const { hours, totals, limits } = seriesOf(details)
  const detection = index.detections[details.detection]
  const alerted = new Set(
    (alertsByAgent.get(agent) ?? []).flatMap((place) => {
      const [time, of] = /** @type {import('../data.js').AlertRow} */ (index.alerts[place])
      return of === details.detection ? [Math.floor(time / 3600)] : []
    }),
  )
  const marks = hours.map((hour, place) => (alerted.has(hour) ? (totals[place] ?? null) : null))
  const times = hours.map((hour) => hour * 3600)
  const said = el('p', { class: 'reading' })
  const rest = `Active in ${countText(hours.length, 'hour')}; most ${numberText(Math.max(...totals))} in an hour; ${countText(alerted.size, 'hour')} with an alert.`
  said.textContent = rest
  const holder = el('div', {
    class: 'chart',
    role: 'img',
    'aria-label': `${detection?.unit} an hour. ${rest}`,
  })
  draw(
    holder,
    260,
    (width) => ({
      width,
      height: 260,
      tzDate: utc,
      legend: { show: false },
      axes: axes(),
      padding: [12, 8, 0, 0],
      cursor: { y: false, points: { show: false } },
      scales: {
        x: { range: () => [period.from, period.to] },
        y: {
          range: (/** @type {unknown} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [
            0,
            Math.max(1, high * 1.1),
          ],
        },
      },
      hooks: {
        setCursor: [
          (/** @type {any} */ plot) =>
            (said.textContent = readingAt(plot.cursor.idx, hours, totals, limits) ?? rest),
        ],
      },
      series: [
        {},
        {
          label: 'measured',
          fill: colour('accent'),
          stroke: colour('accent'),
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars({ size: [0.9, 24, 2], align: 1 }),
        },
        {
          label: 'limit',
          stroke: colour('limit'),
          width: 2,
          dash: [6, 3],
          points: { show: false },
          paths: uPlot.paths.stepped({ align: 1 }),
        },
        {
          label: 'alert',
          stroke: colour('high'),
          width: 0,
          paths: () => null,
          points: { show: true, size: 11, fill: colour('high'), stroke: colour('surface'), width: 2 },
        },
      ],
    }),
    [times, totals, limits, marks],
  )
  return el(
    'div',
    {},
    holder,
    said,
    legendOf([
      ['accent', 'measured in the hour'],
      ['limit', 'limit that applied'],
      ['high', 'alert'],
    ]),
  )
}

/** @param {number | null | undefined} place @param {number[]} hours @param {readonly number[]} totals @param {(number | null)[]} limits */
function readingAt(place, hours, totals, limits) {
  if (place === null || place === undefined || hours[place] === undefined) return undefined
  const limit = limits[place]
  const known =
    limit === null || limit === undefined
      ? 'too little known of the agent for a limit'
      : `limit ${numberText(limit)}`
  return `${hourText(hours[place])} UTC: ${numberText(totals[place] ?? 0)}, ${known}`
}

/** @param {[colour: string, text: string][]} entries */
function legendOf(entries) {
  return el(
    'ul',
    { class: 'legend' },
    ...entries.map(([name, text]) =>
      el('li', {}, el('span', { class: `swatch fill-${name}`, 'aria-hidden': 'true' }), text),
    ),
  )
}
