/** The hours of the week at which an agent works, with its alerts on them. */

const LEVELS = 5

/** @typedef {{ totals: number[], weeks: number, alerts: number }} Cell */

/** The 168 hours of the week. @param {import('../data.js').SeriesDetails} details @param {number} agent */
function weekCells(details, agent) {
  const cells = Array.from({ length: 168 }, () => /** @type {Cell} */ ({ totals: [], weeks: 0, alerts: 0 }))
  const cellAt = (/** @type {number} */ hour) => /** @type {Cell} */ (cells[hourOfWeek(hour)])
  for (let hour = period.from / 3600; hour < period.to / 3600; hour++) cellAt(hour).weeks++
  const { hours, totals } = seriesOf(details)
  for (const [place, hour] of hours.entries()) cellAt(hour).totals.push(totals[place] ?? 0)
  for (const place of alertsByAgent.get(agent) ?? [])
    cellAt(Math.floor((index.alerts[place]?.[0] ?? 0) / 3600)).alerts++
  return cells
}

/** @param {import('../data.js').SeriesDetails} details @param {number} agent */
function weekMap(details, agent) {
  const cells = weekCells(details, agent)
  const most = Math.max(...cells.map(({ totals }) => middleOf(totals)))
  const clock = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))
  const head = el('tr', {}, el('td'), ...clock.map((hour) => el('th', { scope: 'col' }, hour)))
  const rows = WEEKDAYS.map((name, day) => {
    const ofDay = cells.slice(24 * day, 24 * day + 24)
    const hours = ofDay.map((cell, hour) => weekCell(cell, most, `${name} ${clock[hour]}:00 UTC`))
    return el('tr', {}, el('th', { scope: 'row' }, name.slice(0, 3)), ...hours)
  })
  const said = 'Median in the weeks in which it was active, UTC, and alerts'
  const caption = el('caption', { class: 'unseen' }, said)
  const map = el('table', { class: 'week' }, caption, el('thead', {}, head), el('tbody', {}, ...rows))
  const scroll = { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Hours of the week' }
  return el('div', {}, el('div', scroll, map), weekLegend(most))
}

/** @param {Cell} cell @param {number} most @param {string} when */
function weekCell({ totals, weeks, alerts }, most, when) {
  const middle = middleOf(totals)
  const level = middle === 0 || most === 0 ? 0 : Math.max(1, Math.ceil(LEVELS * Math.sqrt(middle / most)))
  const alerted = alerts === 0 ? '' : `, ${countText(alerts, 'alert')}`
  const said = `${when}: median ${numberText(middle)}, active in ${totals.length} of ${countText(weeks, 'week')}${alerted}`
  return el(
    'td',
    { class: `level-${level}`, title: said },
    el('span', { class: 'unseen' }, `${numberText(middle)}${alerted}`),
    alerts === 0
      ? undefined
      : el('span', { class: 'mark', 'aria-hidden': 'true' }, alerts > 99 ? '99+' : String(alerts)),
  )
}

/** The median; 0 where there is nothing. @param {number[]} values */
function middleOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
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
    ` ${shortNumber(most)} in such an hour (median of the weeks in which it was active); `,
    el('span', { class: 'mark' }, '2'),
    ' alerts at that time of the week',
  )
}
