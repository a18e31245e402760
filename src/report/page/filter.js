/** What of the alerts is wanted, and the fields by which one says so. */

/** Of each alert what is searched besides agent and detection, in lower case; read when first searched. @type {string[] | undefined} */
let alertTexts

/** @type {Promise<string[]> | undefined} */
let alertTextsToCome

const agentTexts = index.agents.map(([tenant, id, name]) => `${name} ${id} ${tenant}`.toLowerCase())
const detectionTexts = index.detections.map(({ id, title }) => `${id} ${title}`.toLowerCase())

/** Reads what the filter needs; to be waited for before alerts are filtered by a text. */
async function searchable() {
  if (filter.text.trim() === '' || alertTexts) return
  alertTextsToCome ??= readAlertTexts()
  alertTexts = await alertTextsToCome
}

async function readAlertTexts() {
  /** @type {string[]} */
  const texts = []
  for await (const block of allAlertDetails())
    for (const { id, reason, entity } of block)
      texts.push(`${id} ${reason} ${Object.values(entity).join(' ')}`.toLowerCase())
  return texts
}

/** @typedef {{ agent?: number, detection?: number }} Only */

/** Places of the alerts of an agent or of all, oldest first. @param {Only} only */
const placesOf = ({ agent }) => (agent === undefined ? index.alerts.keys() : (alertsByAgent.get(agent) ?? []))

/** Whether an alert has the text that is searched, in itself, its agent or its detection. @param {number} place */
function hasText(place) {
  const text = filter.text.trim().toLowerCase()
  const [, detection, agent] = /** @type {import('../data.js').AlertRow} */ (index.alerts[place])
  return (
    text === '' ||
    alertTexts?.[place]?.includes(text) ||
    agentTexts[agent]?.includes(text) ||
    detectionTexts[detection]?.includes(text)
  )
}

/** Places of the alerts that the filter lets through, newest first. @param {Only} [only] */
function wantedAlerts(only = {}) {
  const detection = only.detection ?? filter.detection
  const wanted = []
  for (const place of placesOf(only)) {
    const [time, ofDetection, , severity] = /** @type {import('../data.js').AlertRow} */ (index.alerts[place])
    if (severity < filter.severity || (detection >= 0 && detection !== ofDetection)) continue
    if (time >= filter.from && time < filter.to && hasText(place)) wanted.push(place)
  }
  return wanted.reverse()
}

/** How many alerts there are of an agent or a detection, filtered or not. @param {Only} only */
function countOf({ agent, detection }) {
  if (agent !== undefined) return (alertsByAgent.get(agent) ?? []).length
  if (detection === undefined) return index.alerts.length
  return index.alerts.filter(([, one]) => one === detection).length
}

/** Called when the filter was changed: by its fields, or by a chart. */
let filterChanged = async () => {}

/** The fields of the filter, over the alerts that are on the page. @param {() => void} changed @param {Only} [only] */
function filterBar(changed, only = {}) {
  const fields = filterFields(only.detection === undefined)
  const said = el('p', { class: 'quiet', role: 'status' })
  const clear = el('button', { type: 'button', click: () => cleared() }, 'Show all')
  const line = el('div', { class: 'filtered' }, said, clear)
  const tell = () => {
    const [shown, all] = [wantedAlerts(only).length, countOf(only)]
    said.textContent = `The filter shows ${numberText(shown)} and hides ${numberText(all - shown)} of ${countText(all, 'alert')}.`
    line.hidden = withFilter('') === ''
  }
  filterChanged = async () => {
    if (filter.text.trim() !== '' && !alertTexts) {
      said.textContent = 'Reading all alerts to search them …'
      line.hidden = false
    }
    await searchable()
    writeFilter()
    tell()
    fields.tell()
    changed()
  }
  async function cleared() {
    Object.assign(filter, NO_FILTER)
    await filterChanged()
    fields.search.focus()
  }
  tell()
  return el('div', {}, fields.form, line)
}

/** @param {boolean} detection whether a detection can be chosen */
function filterFields(detection) {
  const search = /** @type {HTMLInputElement} */ (
    el('input', {
      type: 'search',
      placeholder: 'name, id, address, word …',
      input: (event) => changeFilter({ text: event.target.value }),
    })
  )
  const choices = [
    ...(detection ? [choice('Detection', detectionOptions(), '', choose('detection'))] : []),
    choice('Severity', severityOptions(), '', choose('severity')),
  ]
  const times = [timeField('From (UTC)', 'from'), timeField('Before (UTC)', 'to')]
  const form = el(
    'form',
    { class: 'filter', role: 'search', 'aria-label': 'Filter', submit: (event) => event.preventDefault() },
    el('label', { class: 'field wide' }, el('span', {}, 'Search agents, detections and alerts'), search),
    ...choices,
    ...times.map(({ label }) => label),
  )
  const tell = () => {
    if (search.value.trim() !== filter.text.trim()) search.value = filter.text
    const values = [...(detection ? [filter.detection] : []), filter.severity]
    for (const [at, value] of values.entries()) {
      const select = choices[at]?.querySelector('select')
      if (select) select.value = String(value)
    }
    for (const one of times) one.tell()
  }
  tell()
  return { form, search, tell }
}

/** @param {Partial<typeof filter>} change */
function changeFilter(change) {
  Object.assign(filter, change)
  return filterChanged()
}

/** @param {'detection' | 'severity'} name */
const choose = (name) => (/** @type {string} */ value) => changeFilter({ [name]: Number(value) })

/** @returns {[string, string][]} */
function detectionOptions() {
  const own = index.detections.map(
    ({ title }, place) => /** @type {[string, string]} */ ([`${place}`, title]),
  )
  return [['-1', 'all'], ...own]
}

/** @returns {[string, string][]} */
function severityOptions() {
  const text = (/** @type {string} */ name, /** @type {number} */ place) =>
    place === 0 ? 'all' : place === 3 ? name : `${name} and above`
  return SEVERITIES.map((name, place) => [String(place), text(name, place)])
}

/** A field for one end of the times that are looked at. @param {string} text @param {'from' | 'to'} end */
function timeField(text, end) {
  const input = /** @type {HTMLInputElement} */ (
    el('input', {
      type: 'datetime-local',
      step: 3600,
      min: inputTime(period.from),
      max: inputTime(period.to),
      change: () => {
        const ms = Date.parse(`${input.value}Z`)
        changeFilter({ [end]: Number.isNaN(ms) ? NO_FILTER[end] : ms / 1000 })
      },
    })
  )
  const tell = () => {
    input.value = Number.isFinite(filter[end]) ? inputTime(filter[end]) : ''
  }
  return { label: el('label', { class: 'field' }, el('span', {}, text), input), tell }
}
