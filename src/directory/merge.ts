import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { InventoryEntry } from '../agents/inventory.js'
import { differenceOfFacts } from './difference.js'
import type { DirectoryAgent } from './read.js'

/** What a pull changes in one entry of the inventory. */
export interface Change {
  /** `absent`: listed, but no service principal in Entra; the entry stays as it is. */
  readonly what: 'added' | 'changed' | 'absent'
  readonly id: string
  readonly name: string | undefined
  /** In words, one a line. */
  readonly details: readonly string[]
}

/** The inventory with what Entra says. */
export interface Merged {
  /** The inventory's new text; the same as before if nothing changes. */
  readonly text: string
  /** In the order of the file; new agents at the end, by name. */
  readonly changes: readonly Change[]
}

/** The owner's own fields that are filled where they are missing, and never changed. */
const OWN = ['app_id', 'name', 'owner', 'sponsor'] as const

/**
 * Brings what Entra says into an inventory. Of an entry that is there, `entra` is replaced and what the owner has left
 * open of app_id, name, owner and sponsor is filled in; all else, comments and order too, stays.
 *
 * @param text YAML, known to be a right inventory; empty for a new one @param entries what it lists, in its order
 */
export function mergedInventory(
  text: string,
  entries: readonly InventoryEntry[],
  agents: readonly DirectoryAgent[],
): Merged {
  const document = parseDocument(text.trim() === '' ? 'agents: []\n' : text, { merge: true })
  const list = listIn(document)
  const byId = new Map(agents.map((agent) => [agent.id.toLowerCase(), agent]))
  const changes: (Change | undefined)[] = entries.map((entry, index) => {
    const agent = byId.get(entry.id.toLowerCase())
    byId.delete(entry.id.toLowerCase())
    return agent ? updated(document, mapAt(list, index), entry, agent) : absent(entry)
  })
  const added = [...byId.values()].sort(byName)
  for (const agent of added) list.add(document.createNode(entryOf(agent), { aliasDuplicateObjects: false }))
  for (const item of list.items.slice(entries.length)) compact(item)
  const all = [...changes, ...added.map(addition)].filter((change) => change !== undefined)
  const touched = all.some(({ what }) => what !== 'absent')
  return { text: touched ? document.toString({ lineWidth: 0 }) : text, changes: all }
}

function listIn(document: Document): YAMLSeq {
  const list = document.get('agents')
  if (!isSeq(list)) throw new Error('the inventory has no list of agents')
  if (list.items.length === 0) list.flow = false
  return list
}

function mapAt(list: YAMLSeq, index: number): YAMLMap {
  const item = list.items[index]
  if (isMap(item)) return item
  throw new Error(`entry ${index + 1} of the inventory is an alias (*name): write it out`)
}

function updated(
  document: Document,
  item: YAMLMap,
  entry: InventoryEntry,
  agent: DirectoryAgent,
): Change | undefined {
  const details: string[] = []
  const known = entryOf(agent)
  for (const field of OWN) {
    const value = known[field]
    if (entry[field] !== undefined || value === undefined) continue
    item.set(field, value)
    details.push(`${field}: ${value}`)
  }
  if (!isDeepStrictEqual(plain(entry.entra), plain(agent.facts))) {
    details.push(...differenceOfFacts(entry.entra, agent.facts))
    item.set('entra', document.createNode(agent.facts, { aliasDuplicateObjects: false }))
    item.flow = false
    compact(item)
  }
  const { id, name } = entry
  return details.length === 0 ? undefined : { what: 'changed', id, name: name ?? agent.name, details }
}

/** Without what is `undefined`, as YAML has it. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function absent({ id, name }: InventoryEntry): Change {
  return { what: 'absent', id, name, details: [] }
}

function addition(agent: DirectoryAgent): Change {
  const { id, name, facts } = agent
  return { what: 'added', id, name, details: [facts.kind, ...differenceOfFacts(undefined, facts)] }
}

/** A person rather than a group, as somebody is to be called. */
function nearest(names: readonly string[]): string | undefined {
  return names.find((name) => name.includes('@')) ?? names[0]
}

/** An agent as a new entry. */
function entryOf({ id, appId, name, facts }: DirectoryAgent) {
  const [owner, sponsor] = [facts.owners, facts.sponsors].map(nearest)
  return {
    id,
    ...(appId && { app_id: appId }),
    ...(name?.trim() && { name }),
    ...(owner !== undefined && { owner }),
    ...(sponsor !== undefined && { sponsor }),
    ...(!facts.enabled && { status: 'disabled' as const }),
    entra: facts,
  }
}

/** Writes credentials and permissions on a line each. */
function compact(item: unknown): void {
  const facts = isMap(item) ? item.get('entra') : undefined
  if (!isMap(facts)) return
  for (const { value } of facts.items) {
    if (!isSeq(value)) continue
    if (value.items.length === 0) value.flow = true
    for (const one of value.items) if (isMap(one)) one.flow = true
  }
}

function byName(a: DirectoryAgent, b: DirectoryAgent): number {
  const [one, other] = [a, b].map(({ name = '', id }) => `${name} ${id}`) as [string, string]
  return one < other ? -1 : 1
}
