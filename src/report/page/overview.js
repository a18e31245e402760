/** The first page: what fired, when, and of whom. */

const AGENTS_PER_PAGE = 15
let colourBy = 'severity'

function overviewPage() {
  const content = el('div')
  const redraw = () => content.replaceChildren(...overviewParts(redraw).filter((part) => part !== undefined))
  redraw()
  return [el('h1', {}, 'What fired, and why'), filterBar(redraw), content]
}

/** @param {() => void} redraw */
function overviewParts(redraw) {
  const alerts = wantedAlerts()
  const by = choice(
    'Colour by',
    [
      ['severity', 'severity'],
      ['detection', 'detection'],
    ],
    colourBy,
    (value) => {
      colourBy = value
      redraw()
    },
  )
  return [
    figures(alerts),
    section('Alerts over time', el('div', { class: 'corner' }, by), timeline(alerts, colourBy)),
    el(
      'div',
      { class: 'pair' },
      section('Detections', detectionTable(alerts)),
      section('Busiest agents', agentTable(alerts)),
    ),
    proposals(),
    section('Alerts', alertList(alerts)),
  ]
}

/** @param {number[]} alerts */
function figures(alerts) {
  const agents = new Set(alerts.map((place) => index.alerts[place]?.[2]))
  const { from, to } = wantedPeriod()
  const days = Math.max(1, (to - from) / 86400)
  /** @type {[string, string][]} */
  const entries = [
    [`of ${numberText(index.alerts.length)} alerts`, numberText(alerts.length)],
    ['high severity', numberText(alerts.filter((place) => index.alerts[place]?.[3] === 3).length)],
    [`of ${numberText(index.agents.length)} agents`, numberText(agents.size)],
    ['alerts a day', numberText(Math.round((10 * alerts.length) / days) / 10)],
  ]
  return el(
    'dl',
    { class: 'figures' },
    ...entries.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
  )
}

/** Counts by severity for each agent or detection. @param {number[]} alerts @param {1 | 2} part */
function countsBy(alerts, part) {
  /** @type {Map<number, number[]>} */
  const counts = new Map()
  for (const place of alerts) {
    const row = /** @type {import('../data.js').AlertRow} */ (index.alerts[place])
    const known = counts.get(row[part]) ?? [0, 0, 0, 0]
    known[row[3]] = (known[row[3]] ?? 0) + 1
    counts.set(row[part], known)
  }
  return counts
}

/** @param {readonly number[] | undefined} counts */
const total = (counts) => (counts ?? []).reduce((sum, one) => sum + one, 0)

/** @param {readonly number[] | undefined} counts @param {number} most */
function severityBar(counts, most) {
  return bar(
    SEVERITIES.map((name, severity) => ({
      share: (counts?.[severity] ?? 0) / Math.max(1, most),
      class: name,
    })).reverse(),
  )
}

/** @param {number[]} alerts */
function detectionTable(alerts) {
  const counts = countsBy(alerts, 1)
  const places = [...index.detections.keys()].sort((a, b) => total(counts.get(b)) - total(counts.get(a)))
  const most = Math.max(1, ...places.map((place) => total(counts.get(place))))
  return paged('detection', places.length, AGENTS_PER_PAGE, (from, to) =>
    table(
      ['Detection', 'Alerts', 'By severity'],
      places
        .slice(from, to)
        .map((place) =>
          tableRow(
            detectionLink(place),
            numberText(total(counts.get(place))),
            severityBar(counts.get(place), most),
          ),
        ),
      'Detections by number of alerts',
    ),
  )
}

/** @param {number[]} alerts */
function agentTable(alerts) {
  const counts = countsBy(alerts, 2)
  const text = filter.text.trim().toLowerCase()
  const places = [...index.agents.keys()].filter(
    (place) => text === '' || counts.has(place) || agentTexts[place]?.includes(text),
  )
  const order = new Map(places.map((place) => [place, total(counts.get(place))]))
  places.sort(
    (a, b) =>
      (order.get(b) ?? 0) - (order.get(a) ?? 0) || (index.agents[b]?.[3] ?? 0) - (index.agents[a]?.[3] ?? 0),
  )
  const most = Math.max(1, order.get(places[0] ?? -1) ?? 1)
  return paged('agent', places.length, AGENTS_PER_PAGE, (from, to) =>
    table(
      ['Agent', 'Alerts', 'By severity', 'Active hours'],
      places
        .slice(from, to)
        .map((place) =>
          tableRow(
            agentLink(place),
            numberText(order.get(place) ?? 0),
            severityBar(counts.get(place), most),
            numberText(index.agents[place]?.[3] ?? 0),
          ),
        ),
      'Agents by number of alerts',
    ),
  )
}
