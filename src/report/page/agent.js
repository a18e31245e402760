/** One agent: its week, its volumes with their limits, its alerts, what it uses. */

const VALUES_PER_PAGE = 10

/** @param {number} place */
function agentPage(place) {
  const entry = index.agents[place]
  if (!entry) return [el('h1', {}, 'No such agent'), backLink()]
  const [tenant, id, , active] = entry
  const { series, values } = agentDetails(place)
  const alerts = el('div')
  const redraw = () => alerts.replaceChildren(alertList(wantedAlerts({ agent: place }), { agent: false }))
  redraw()
  return [
    backLink(),
    el('h1', {}, agentName(place)),
    el(
      'p',
      { class: 'quiet' },
      `agent ${id} · tenant ${tenant} · ${countText((alertsByAgent.get(place) ?? []).length, 'alert')} · active in ${countText(active, 'hour')}`,
    ),
    series.length === 0
      ? el('p', {}, 'Nothing was measured of this agent hour by hour.')
      : behaviour(series, place),
    section('Alerts of this agent', filterBar(redraw), alerts),
    section('What it uses, and since when', ...valueTables(values, place)),
  ]
}

const backLink = () => el('p', {}, el('a', { href: '#/' }, '← Overview'))

/** Week and volumes of one measure, which can be chosen. @param {readonly import('../data.js').SeriesDetails[]} series @param {number} agent */
function behaviour(series, agent) {
  const alerted = new Set((alertsByAgent.get(agent) ?? []).map((place) => index.alerts[place]?.[1]))
  const weight = (/** @type {import('../data.js').SeriesDetails} */ { detection, totals }) =>
    (alerted.has(detection) ? 1e6 : 0) + totals.filter((one) => one > 0).length
  const [busiest] = [...series].sort((a, b) => weight(b) - weight(a))
  const content = el('div')
  /** @param {string} detection */
  const show = (detection) => {
    const one = series.find((candidate) => String(candidate.detection) === detection)
    if (one)
      content.replaceChildren(
        el('h3', {}, 'Through the week'),
        weekMap(one, agent),
        el('h3', {}, 'Hour by hour'),
        volumeChart(one, agent),
      )
  }
  const options = series.map(
    ({ detection }) =>
      /** @type {[string, string]} */ ([
        String(detection),
        `${index.detections[detection]?.unit} (${index.detections[detection]?.id})`,
      ]),
  )
  const first = String(busiest?.detection)
  show(first)
  return section(
    'What it usually does',
    el('div', { class: 'corner' }, choice('Measure', options, first, show)),
    content,
  )
}

/** @param {import('../data.js').AgentDetails['values']} values @param {number} agent */
function valueTables(values, agent) {
  const alerted = new Set(
    (alertsByAgent.get(agent) ?? []).map((place) => String(alertDetails(place).observed)),
  )
  const parts = values
    .filter(([, list]) => list.length > 0)
    .map(([set, list]) => valueTable(set, list, alerted))
  return parts.length === 0 ? [el('p', {}, 'Nothing.')] : [el('div', { class: 'sets' }, ...parts)]
}

/** @param {number} set @param {readonly (readonly [string, number, number])[]} list @param {Set<string>} alerted */
function valueTable(set, list, alerted) {
  const { view, columns } = index.sets[set] ?? { view: '', columns: [] }
  const title = `${columns.join(' and ')} (${view})`
  const sorted = [...list].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const body = paged('value', sorted.length, VALUES_PER_PAGE, (from, to) =>
    table(
      ['Value', 'First seen', 'Last seen'],
      sorted
        .slice(from, to)
        .map(([text, first, last]) =>
          tableRow(
            el(
              'span',
              { class: 'value' },
              text,
              alerted.has(text) ? el('span', { class: 'badge high' }, 'alert') : undefined,
            ),
            el('span', { class: 'number' }, hourText(first)),
            el('span', { class: 'number' }, hourText(last)),
          ),
        ),
      title,
    ),
  )
  return el('div', {}, el('h3', {}, title), body)
}
