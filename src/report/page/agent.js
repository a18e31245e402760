/** One agent: its week, its volumes with their limits, its alerts, what it uses. */

const VALUES_PER_PAGE = 10

/** @param {number} place @returns {Promise<(Node | undefined)[]>} */
async function agentPage(place) {
  const entry = index.agents[place]
  if (!entry) return [el('h1', {}, 'No such agent'), backLink()]
  const [tenant, id, , active] = entry
  const { series, values } = await agentDetails(place)
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
    section('Alerts of this agent', filterBar(redraw, { agent: place }), alerts),
    section('What it uses, and since when', ...valueTables(values)),
  ]
}

const backLink = () => el('p', {}, el('a', { href: withFilter('#/') }, '← Overview'))

let volumeScale = 'linear'

/** Week and volumes of one measure, which can be chosen. @param {readonly import('../data.js').SeriesDetails[]} series @param {number} agent */
function behaviour(series, agent) {
  let chosen = mostTelling(series, agent)
  const content = el('div')
  const update = () =>
    content.replaceChildren(
      el('h3', {}, 'Through the week'),
      weekMap(chosen, agent),
      el('h3', {}, 'Hour by hour'),
      volumeChart(chosen, agent, volumeScale),
    )
  const measure = choice('Measure', series.map(measureOption), String(chosen.detection), (detection) => {
    chosen = series.find((one) => String(one.detection) === detection) ?? chosen
    update()
  })
  const scales = /** @type {[string, string][]} */ (['linear', 'logarithmic'].map((one) => [one, one]))
  const scale = choice('Scale', scales, volumeScale, (value) => {
    volumeScale = value
    update()
  })
  update()
  return section('What it usually does', el('div', { class: 'corner' }, measure, scale), content)
}

/** What it alerted on, else what was measured most often. @param {readonly import('../data.js').SeriesDetails[]} series @param {number} agent */
function mostTelling(series, agent) {
  const alerted = new Set((alertsByAgent.get(agent) ?? []).map((place) => index.alerts[place]?.[1]))
  const weight = (/** @type {import('../data.js').SeriesDetails} */ { detection, totals }) =>
    (alerted.has(detection) ? 1e6 : 0) + totals.filter((one) => one > 0).length
  return series.reduce((best, one) => (weight(one) > weight(best) ? one : best))
}

/** @param {import('../data.js').SeriesDetails} series @returns {[value: string, text: string]} */
function measureOption({ detection }) {
  const { unit, id } = index.detections[detection] ?? { unit: '', id: '' }
  return [String(detection), `${unit} (${id})`]
}

/** @param {import('../data.js').AgentDetails['values']} values */
function valueTables(values) {
  const parts = values.filter(([, list]) => list.length > 0).map(([set, list]) => valueTable(set, list))
  return parts.length === 0 ? [el('p', {}, 'Nothing.')] : [el('div', { class: 'sets' }, ...parts)]
}

/** @param {number} set @param {readonly import('../data.js').ValueRow[]} list */
function valueTable(set, list) {
  const { view, columns } = index.sets[set] ?? { view: '', columns: [] }
  const title = `${columns.join(' and ')} (${view})`
  const sorted = [...list].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const body = paged('value', sorted.length, VALUES_PER_PAGE, (from, to) =>
    table(
      ['Value', 'First seen', 'Last seen'],
      sorted
        .slice(from, to)
        .map(([text, first, last, alerted]) =>
          tableRow(
            el(
              'span',
              { class: 'value' },
              text,
              alerted ? el('span', { class: 'badge high' }, 'alert') : undefined,
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
