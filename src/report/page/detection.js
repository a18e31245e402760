/** One detection: how near each agent came to its limit, and its alerts. */

const NEAR_PER_PAGE = 15

/** @param {string} id */
function detectionPage(id) {
  const place = index.detections.findIndex((one) => one.id === id)
  const detection = index.detections[place]
  if (!detection) return [el('h1', {}, 'No such detection'), backLink()]
  const alerts = el('div')
  const redraw = () =>
    alerts.replaceChildren(alertList(wantedAlerts({ detection: place }), { detection: false }))
  redraw()
  return [
    backLink(),
    el('h1', {}, detection.title),
    el(
      'p',
      { class: 'quiet' },
      severityBadge(SEVERITIES.indexOf(detection.severity)),
      ` ${detection.id} · ${detection.kind}${detection.unit ? ` · ${detection.unit}` : ''}`,
    ),
    el('p', { class: 'why' }, detection.why),
    detection.near ? section('How near each agent came to its limit', nearTable(detection.near)) : undefined,
    tuningSection(detection.id),
    section('Alerts of this detection', filterBar(redraw, { detection: place }), alerts),
  ]
}

/** @param {readonly import('../data.js').NearRow[]} near */
function nearTable(near) {
  const share = (/** @type {import('../data.js').NearRow} */ [, observed, limit]) =>
    observed / Math.max(limit, Number.MIN_VALUE)
  const sorted = [...near].sort((a, b) => share(b) - share(a))
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'quiet small' },
      'Each agent in the hour in which it came nearest to its limit, or went farthest beyond. Agents with too little history, and those of which nothing was measured, are not in this list.',
    ),
    paged('agent', sorted.length, NEAR_PER_PAGE, (from, to) =>
      table(
        ['Agent', 'Share of the limit', 'As a bar', 'Seen', 'Limit', 'Hour (UTC)'],
        sorted
          .slice(from, to)
          .map((row) =>
            tableRow(
              agentLink(row[0]),
              share(row) > 1000 ? 'beyond' : `${numberText(Math.round(100 * share(row)))} %`,
              bar([{ share: share(row), class: share(row) > 1 ? 'high' : 'near' }]),
              numberText(row[1]),
              numberText(row[2]),
              hourText(row[3]),
            ),
          ),
        'Agents by share of the limit',
      ),
    ),
  )
}
