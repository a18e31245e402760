/**
 * The data of the report, read from the elements that hold it: the index at once, details of alerts and agents in
 * packed blocks when they are looked at.
 */

/** @param {string} id */
function textOf(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the report lacks ${id}`)
  return element.textContent ?? ''
}

/** @type {import('../data.js').ReportIndex} */
const index = JSON.parse(textOf('index'))

const SEVERITIES = ['informational', 'low', 'medium', 'high']

/** What a packed block holds: JSON as gzip, in base64. @param {string} id @returns {Promise<any[]>} */
async function unpacked(id) {
  const letters = atob(textOf(id))
  const bytes = new Uint8Array(letters.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at)
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(plain).json()
}

/** Blocks that are kept; further ones push out the one asked for longest ago. */
const MOST_BLOCKS = 40

/** @type {Map<string, Promise<any[]>>} */
const blocks = new Map()

/** @param {string} id */
function blockOf(id) {
  const block = blocks.get(id) ?? unpacked(id)
  blocks.delete(id)
  blocks.set(id, block)
  const [oldest] = blocks.keys()
  if (blocks.size > MOST_BLOCKS && oldest !== undefined) blocks.delete(oldest)
  return block
}

/** @param {string} name @param {number} place @param {number} size */
const detailsAt = async (name, place, size) =>
  (await blockOf(`${name}-${Math.floor(place / size)}`))[place % size]

/** @param {number} place @returns {Promise<import('../../alerts/alert.js').Alert>} */
const alertDetails = (place) => detailsAt('alerts', place, index.alertsPerBlock)

/** @param {number} place @returns {Promise<import('../data.js').AgentDetails>} */
const agentDetails = (place) => detailsAt('agents', place, index.agentsPerBlock)

/** All alerts in their order, a block at a time. @returns {AsyncIterable<import('../../alerts/alert.js').Alert[]>} */
async function* allAlertDetails() {
  const count = Math.ceil(index.alerts.length / index.alertsPerBlock)
  for (let block = 0; block < count; block++) yield unpacked(`alerts-${block}`)
}

/** @param {number} place */
function agentName(place) {
  const [, id, name] = index.agents[place] ?? ['', '', '']
  return name || id || 'several agents'
}

/** The differences of a series as hours since 1970. @param {readonly number[]} differences */
function hoursOf(differences) {
  let hour = 0
  return differences.map((by) => {
    hour += by
    return hour
  })
}

/** Pairs of a value and how often it repeats as one value each. @param {readonly number[]} pairs */
function limitsOf(pairs) {
  /** @type {(number | null)[]} */
  const limits = []
  for (let at = 0; at < pairs.length; at += 2) {
    const value = pairs[at] ?? -1
    for (let left = pairs[at + 1] ?? 0; left > 0; left--) limits.push(value < 0 ? null : value)
  }
  return limits
}

/** First and last second of what the report is about. */
const period = { from: index.span[0] * 3600, to: (index.span[1] + 1) * 3600 }

/** Places of the alerts of each agent, oldest first. @type {Map<number, number[]>} */
const alertsByAgent = new Map()
for (const [place, [, , agent]] of index.alerts.entries()) {
  const known = alertsByAgent.get(agent)
  if (known) known.push(place)
  else alertsByAgent.set(agent, [place])
}
