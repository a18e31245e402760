/** The hours of the week at which an agent works, with its alerts on them. */

const LEVELS = 5

/** @param {import('../data.js').SeriesDetails} details @param {number} agent */
function weekMap(details, agent) {
  const { hours, totals } = seriesOf(details)
  const cells = Array.from({ length: 168 }, () => ({ sum: 0, active: 0, weeks: 0, alerts: 0 }))
  const cellAt = (/** @type {number} */ hour) => /** @type {typeof cells[number]} */ (cells[hourOfWeek(hour)])
  for (let hour = period.from / 3600; hour < period.to / 3600; hour++) cellAt(hour).weeks++
  for (const [place, hour] of hours.entries()) {
    cellAt(hour).active++
    cellAt(hour).sum += totals[place] ?? 0
  }
  for (const place of alertsByAgent.get(agent) ?? [])
    cellAt(Math.floor((index.alerts[place]?.[0] ?? 0) / 3600)).alerts++
  const means = cells.map(({ sum, weeks }) => (weeks === 0 ? 0 : sum / weeks))
  const most = Math.max(...means)
  const head = el(
    'tr',
    {},
    el('td'),
    ...Array.from({ length: 24 }, (_, hour) => el('th', { scope: 'col' }, String(hour).padStart(2, '0'))),
  )
  const rows = WEEKDAYS.map((name, day) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, name.slice(0, 3)),
      ...Array.from({ length: 24 }, (_, hour) =>
        weekCell(
          /** @type {any} */ (cells[day * 24 + hour]),
          means[day * 24 + hour] ?? 0,
          most,
          `${name} ${String(hour).padStart(2, '0')}:00 UTC`,
        ),
      ),
    ),
  )
  const caption = el('caption', { class: 'unseen' }, 'Mean an hour of the week, UTC, and alerts')
  const map = el('table', { class: 'week' }, caption, el('thead', {}, head), el('tbody', {}, ...rows))
  return el(
    'div',
    {},
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Hours of the week' }, map),
    weekLegend(most),
  )
}

/** @param {{ active: number, weeks: number, alerts: number }} cell @param {number} mean @param {number} most @param {string} when */
function weekCell({ active, weeks, alerts }, mean, most, when) {
  const level = mean === 0 || most === 0 ? 0 : Math.max(1, Math.ceil(LEVELS * Math.sqrt(mean / most)))
  const alerted = alerts === 0 ? '' : `, ${countText(alerts, 'alert')}`
  const said = `${when}: mean ${numberText(mean)}, active in ${active} of ${countText(weeks, 'week')}${alerted}`
  return el(
    'td',
    { class: `level-${level}`, title: said },
    el('span', { class: 'unseen' }, `${numberText(mean)}${alerted}`),
    alerts === 0
      ? undefined
      : el('span', { class: 'mark', 'aria-hidden': 'true' }, alerts > 99 ? '99+' : String(alerts)),
  )
}

/** @param {number} most */
function weekLegend(most) {
  const levels = Array.from({ length: LEVELS + 1 }, (_, level) =>
    el('span', { class: `swatch level-${level}` }),
  )
  return el(
    'p',
    { class: 'quiet small scale' },
    'none ',
    ...levels,
    ` ${numberText(most)} on average; `,
    el('span', { class: 'mark' }, '2'),
    ' alerts in such an hour',
  )
}
