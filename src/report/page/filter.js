/** What of the alerts is looked at: kept while one moves between pages. */
const filter = { text: '', detection: -1, severity: 0 }

/** Of each alert what is searched besides agent and detection, in lower case; made when first searched. @type {string[] | undefined} */
let alertTexts

const agentTexts = index.agents.map(([tenant, id, name]) => `${name} ${id} ${tenant}`.toLowerCase())
const detectionTexts = index.detections.map(({ id, title }) => `${id} ${title}`.toLowerCase())

function searchable() {
  alertTexts ??= index.alerts.map((_, place) => {
    const { id, reason, entity } = alertDetails(place)
    return `${id} ${reason} ${Object.values(entity).join(' ')}`.toLowerCase()
  })
  return alertTexts
}

/** Places of the alerts that the filter lets through, newest first. @param {{ agent?: number, detection?: number }} [only] */
function wantedAlerts({ agent, detection = filter.detection } = {}) {
  const text = filter.text.trim().toLowerCase()
  const texts = text === '' ? [] : searchable()
  const wanted = []
  const places = agent === undefined ? index.alerts.keys() : (alertsByAgent.get(agent) ?? [])
  for (const place of places) {
    const [, ofDetection, ofAgent, severity] = /** @type {import('../data.js').AlertRow} */ (
      index.alerts[place]
    )
    if (severity < filter.severity || (detection >= 0 && detection !== ofDetection)) continue
    if (
      text !== '' &&
      !(
        texts[place]?.includes(text) ||
        agentTexts[ofAgent]?.includes(text) ||
        detectionTexts[ofDetection]?.includes(text)
      )
    )
      continue
    wanted.push(place)
  }
  return wanted.reverse()
}

/** The fields of the filter. @param {() => void} changed @param {{ detection?: boolean }} [fields] */
function filterBar(changed, { detection = true } = {}) {
  const search = el('input', {
    type: 'search',
    value: filter.text,
    placeholder: 'name, id, address, word …',
    input: (event) => {
      filter.text = event.target.value
      changed()
    },
  })
  const detections = index.detections.map(
    ({ title }, place) => /** @type {[string, string]} */ ([String(place), title]),
  )
  const severities = SEVERITIES.map(
    (name, place) =>
      /** @type {[string, string]} */ ([
        String(place),
        place === 0 ? 'all' : place === 3 ? name : `${name} and above`,
      ]),
  )
  /** @param {'detection' | 'severity'} name */
  const set = (name) => (/** @type {string} */ value) => {
    filter[name] = Number(value)
    changed()
  }
  return el(
    'form',
    { class: 'filter', role: 'search', 'aria-label': 'Filter', submit: (event) => event.preventDefault() },
    el('label', { class: 'field wide' }, el('span', {}, 'Search agents, detections and alerts'), search),
    detection
      ? choice('Detection', [['-1', 'all'], ...detections], String(filter.detection), set('detection'))
      : undefined,
    choice('Severity', severities, String(filter.severity), set('severity')),
  )
}
