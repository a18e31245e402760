/** The list of alerts, each with what was seen and expected. */

const ALERTS_PER_PAGE = 25

/** @typedef {import('../../alerts/alert.js').Alert} Details */

/** @param {number[]} alerts @param {{ agent?: boolean, detection?: boolean }} [columns] */
function alertList(alerts, { agent = true, detection = true } = {}) {
  const headings = [
    'Time (UTC)',
    'Severity',
    ...(detection ? ['Detection'] : []),
    ...(agent ? ['Agent'] : []),
    'What happened',
    'More',
  ]
  return paged('alert', alerts.length, ALERTS_PER_PAGE, async (from, to) => {
    const places = alerts.slice(from, to)
    const details = await Promise.all(places.map(alertDetails))
    const rows = details.flatMap((one, at) =>
      alertRows(places[at] ?? 0, one, { agent, detection }, headings.length),
    )
    return table(headings, rows, 'Alerts, newest first')
  })
}

/** @param {number} place @param {Details} of @param {{ agent: boolean, detection: boolean }} columns @param {number} width */
function alertRows(place, of, columns, width) {
  const [time, detection, agent, severity] = /** @type {import('../data.js').AlertRow} */ (
    index.alerts[place]
  )
  const id = `alert-${place}`
  const details = el('tr', { id, class: 'details', hidden: true })
  const button = el(
    'button',
    {
      type: 'button',
      'aria-expanded': 'false',
      'aria-controls': id,
      'aria-label': `Details of the alert at ${timeText(time)}`,
      click: toggle,
    },
    'Details',
  )
  function toggle() {
    if (details.childElementCount === 0) details.append(el('td', { colspan: width }, alertFacts(of)))
    details.hidden = !details.hidden
    button.setAttribute('aria-expanded', String(!details.hidden))
  }
  const cells = [el('span', { class: 'number' }, timeText(time)), severityBadge(severity)]
  if (columns.detection) cells.push(detectionLink(detection))
  if (columns.agent) cells.push(agentLink(agent))
  return [tableRow(...cells, el('span', { class: 'reason' }, of.reason), button), details]
}

/** @param {number} place */
function detectionLink(place) {
  const detection = index.detections[place]
  return detection
    ? el('a', { href: withFilter(`#/detection/${encodeURIComponent(detection.id)}`) }, detection.title)
    : el('span', {}, 'unknown')
}

/** @param {Details} details */
function alertFacts({ id, entity, observed, expected, count, evidence, mitre, appId, hour }) {
  const { basis, ...numbers } = /** @type {Record<string, string | number>} */ (expected)
  return el(
    'div',
    { class: 'facts' },
    facts('Seen', [
      ['observed', observed],
      ...Object.entries(entity),
      ['rows in the hour', count],
      ['hour', hour],
    ]),
    facts('Expected', [...Object.entries(numbers), ['from', basis ?? '']]),
    facts('Alert', [
      ['id', id],
      ['application', appId ?? ''],
      ['tactics', mitre.tactics.join(', ')],
      ['techniques', mitre.techniques.join(', ')],
    ]),
    evidenceTable(evidence, count),
  )
}

/** @param {string} title @param {[name: string, value: string | number][]} entries */
function facts(title, entries) {
  const filled = entries.filter(([, value]) => value !== '')
  const list = filled.flatMap(([name, value]) => [
    el('dt', {}, nameText(name)),
    el('dd', {}, typeof value === 'number' ? numberText(value) : value),
  ])
  return el('div', {}, el('h3', {}, title), el('dl', {}, ...list))
}

/** @param {readonly import('../../alerts/alert.js').Evidence[]} evidence @param {number} count */
function evidenceTable(evidence, count) {
  const rows = evidence.map(({ table: name, id, time }) =>
    tableRow(time.slice(0, 19).replace('T', ' '), name, el('code', {}, id ?? '–')),
  )
  const rest = count - evidence.length
  const more =
    rest > 0
      ? el(
          'p',
          { class: 'quiet small' },
          `An alert keeps its first ten rows; ${numberText(rest)} more are not listed.`,
        )
      : undefined
  return el(
    'div',
    { class: 'evidence' },
    el('h3', {}, 'Evidence'),
    table(['Time (UTC)', 'Table', 'Id'], rows, 'Evidence'),
    more,
  )
}
