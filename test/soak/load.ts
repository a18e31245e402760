import { simulate } from '../../src/simulate/index.js'
import { NOW } from '../support/now.js'
import { chance } from '../support/shuffle.js'

const DAY = 24 * 3_600_000

/** Records in a message. */
const RECORDS = 10

/** One message in so many can't be read, and one comes twice. */
const POISON_EVERY = 100
const DUPLICATE_EVERY = 20

/** What is sent: good messages some of which come twice, and bad ones. */
export interface Load {
  readonly value: Buffer
  /** When it arrives in the simulated tenant, in milliseconds since 1970. */
  readonly arrival: number
  readonly copies: number
  /** What a message that can't be read is known by. */
  readonly poison: string | undefined
}

/** What can't be read, each known by its name. */
const POISONS: readonly ((name: string) => Buffer)[] = [
  (name) => Buffer.from(`{"records":[{"name":"${name}"`),
  (name) => Buffer.from(`<html>${name}</html>`),
  (name) => Buffer.concat([Buffer.from(name), Buffer.from([0xff, 0xfe, 0x00])]),
  (name) => Buffer.from(`\u001f\u008b${name}`, 'latin1'),
  (name) => Buffer.from(JSON.stringify({ records: [{ category: 'AuditLogs', name, properties: 7 }] })),
  (name) => Buffer.from(`{"name":"${name}","records":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
  (name) => Buffer.from(JSON.stringify({ records: [{ ['__proto__' as string]: 1, name }] })),
  (name) => Buffer.from(JSON.stringify({ records: 'all', name })),
]

/** The logs of a tenant over so many days, with the attacks of the simulator, up to now. */
function tenant(days: number) {
  return simulate({ agents: 20, days, seed: 6, attacks: 'all', start: NOW - (days + 1) * DAY })
}

/** When the first day begins, in milliseconds since 1970. */
export const startOf = (days: number): number => tenant(days).start

/** Good messages, made anew at each call: a log of months need not stand in memory. */
export function* goodMessages(days: number): Iterable<{ text: string; arrival: number }> {
  let texts: string[] = []
  let arrival = 0
  for (const record of tenant(days).records()) {
    texts.push(JSON.stringify(record.record))
    arrival = record.arrival
    if (texts.length < RECORDS) continue
    yield { text: `{"records":[${texts.join(',')}]}`, arrival }
    texts = []
  }
  if (texts.length > 0) yield { text: `{"records":[${texts.join(',')}]}`, arrival }
}

/** The same with what is sent twice, and with messages that can't be read among them. */
export function* load(days: number): Iterable<Load> {
  const random = chance(7)
  let poisons = 0
  for (const { text, arrival } of goodMessages(days)) {
    const copies = random() < 1 / DUPLICATE_EVERY ? 2 : 1
    yield { value: Buffer.from(text), arrival, copies, poison: undefined }
    if (random() >= 1 / POISON_EVERY) continue
    const poison = `poison-${++poisons};`
    yield { value: POISONS[poisons % POISONS.length]!(poison), arrival, copies: 1, poison }
  }
}
