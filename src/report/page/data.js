/**
 * The data of the report, read from the elements that hold it: the index at once, details of alerts and agents in
 * blocks when they are looked at.
 */

/** @param {string} id */
function readBlock(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the report lacks ${id}`)
  return JSON.parse(element.textContent ?? '')
}

/** @type {import('../data.js').ReportIndex} */
const index = readBlock('index')

const SEVERITIES = ['informational', 'low', 'medium', 'high']

/** @type {Map<string, any[]>} */
const readBlocks = new Map()

/** Blocks that are kept read; further ones push out the one read first. */
const MOST_BLOCKS = 40

/** @param {string} name @param {number} place @param {number} size */
function detailsAt(name, place, size) {
  const id = `${name}-${Math.floor(place / size)}`
  const known = readBlocks.get(id) ?? readBlock(id)
  readBlocks.set(id, known)
  const [oldest] = readBlocks.keys()
  if (readBlocks.size > MOST_BLOCKS && oldest !== undefined) readBlocks.delete(oldest)
  return known[place % size]
}

/** @param {number} place @returns {import('../../alerts/alert.js').Alert} */
const alertDetails = (place) => detailsAt('alerts', place, index.alertsPerBlock)

/** @param {number} place @returns {import('../data.js').AgentDetails} */
const agentDetails = (place) => detailsAt('agents', place, index.agentsPerBlock)

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
