import { converter, jsonOf } from '../convert.js'
import { dynamicType, isBag, sameDynamic, toDynamic, toJson, unboxed } from '../dynamic.js'
import { KqlError } from '../errors.js'
import type { Long } from '../long.js'
import { type FunctionTable, pure, typed } from './define.js'

const listOf = (value: unknown): readonly unknown[] | null => (Array.isArray(value) ? value : null)

/** A key under which equal values within dynamics meet. */
export function dynamicKey(value: unknown): unknown {
  const plain = unboxed(value)
  return typeof plain === 'object' && plain !== null ? toJson(plain) : `${typeof plain} ${String(plain)}`
}

/** Distinct values in order of their first occurrence. */
function firstOfEach(values: readonly unknown[]): unknown[] {
  const seen = new Map<unknown, unknown>()
  for (const value of values) {
    const key = dynamicKey(value)
    if (!seen.has(key)) seen.set(key, value)
  }
  return [...seen.values()]
}

const keysOf = (values: readonly unknown[]) => new Set(values.map(dynamicKey))

function difference(first: unknown, ...others: unknown[]): unknown {
  const list = listOf(first)
  if (!list) return null
  const without = keysOf(others.flatMap((other) => listOf(other) ?? []))
  return firstOfEach(list.filter((value) => !without.has(dynamicKey(value))))
}

function intersect(first: unknown, ...others: unknown[]): unknown {
  const lists = [first, ...others].map(listOf)
  if (lists.includes(null)) return null
  const sets = lists.slice(1).map((list) => keysOf(list!))
  return firstOfEach(lists[0]!.filter((value) => sets.every((set) => set.has(dynamicKey(value)))))
}

function union(...values: unknown[]): unknown {
  return values.every((value) => listOf(value) === null)
    ? null
    : firstOfEach(values.flatMap((v) => listOf(v) ?? []))
}

const RANK: Readonly<Record<string, number>> = {
  null: 0,
  bool: 1,
  long: 2,
  real: 2,
  datetime: 3,
  timespan: 4,
  string: 5,
}

/** Sorts a list of scalars of one kind, nulls at the end. */
function sort(direction: number) {
  return typed('dd?b?', ({ types }) => {
    if (types.length > 1) throw new KqlError('unsupported', 'Sorting several arrays at once is not supported')
    return (value: unknown) => {
      const list = listOf(value)
      if (!list) return null
      const present = list.filter((item) => item !== null)
      if (new Set(present.map((item) => RANK[dynamicType(item)])).size > 1) {
        throw new KqlError('runtime', 'Sorting an array of several types is not supported')
      }
      const sorted = present.sort((a, b) => direction * compare(unboxed(a), unboxed(b)))
      return [...sorted, ...list.filter((item) => item === null)]
    }
  })
}

function compare(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number]
  return left < right ? -1 : left > right ? 1 : 0
}

function bagPack({ types }: { types: readonly string[] }) {
  const convert = types.map((type, index) => converter(type, index % 2 === 0 ? 'string' : 'dynamic'))
  if (types.length % 2 !== 0) throw new KqlError('syntax', 'bag_pack() takes keys and values in pairs')
  return (...values: unknown[]) => {
    const bag = new Map<string, unknown>()
    for (let index = 0; index < values.length; index += 2) {
      bag.set(convert[index]!(values[index]) as string, convert[index + 1]!(values[index + 1]))
    }
    return Object.fromEntries(bag)
  }
}

/** Of several values of one key the first counts. */
function merge(...bags: unknown[]): unknown {
  const present = bags.filter(isBag)
  if (present.length === 0) return null
  const merged = new Map<string, unknown>()
  for (const [key, value] of present.flatMap(Object.entries)) if (!merged.has(key)) merged.set(key, value)
  return Object.fromEntries(merged)
}

function slice(value: unknown, start: Long, end: Long): unknown {
  const list = listOf(value)
  if (!list) return null
  const [from, to] = [start, end].map((at) => (at < 0 ? list.length + Number(at) : Number(at)))
  return list.slice(Math.max(from!, 0), Math.max(to! + 1, 0))
}

function sum(value: unknown): number | null {
  const list = listOf(value)
  if (!list) return null
  const numbers = list.map((item) => unboxed(item))
  if (numbers.some((item) => typeof item === 'string' || typeof item === 'boolean')) return null
  return numbers.reduce<number>((total, item) => total + (typeof item === 'object' ? 0 : Number(item)), 0)
}

function indexIn(list: unknown, sought: unknown): number | null {
  const values = listOf(list)
  return values ? values.findIndex((value) => dynamicKey(value) === dynamicKey(sought)) : null
}

function zip(...lists: unknown[]): unknown {
  const arrays = lists.map((list) => listOf(list) ?? [])
  const length = Math.max(...arrays.map((array) => array.length))
  return Array.from({ length }, (_, index) => arrays.map((array) => array[index] ?? null))
}

const pack = typed('a*', bagPack)
const parse = typed('a', ({ types }) => {
  const [type] = types
  if (type === 'dynamic') return (value: unknown) => (typeof value === 'string' ? jsonOf(value) : value)
  if (type === 'string') return jsonOf
  return (value: unknown) => toDynamic(value, type!)
})

/** Functions over dynamics. */
export const dynamics: FunctionTable = {
  parse_json: parse,
  todynamic: parse,
  toobject: parse,
  parsejson: parse,
  bag_pack: pack,
  pack,
  pack_dictionary: pack,
  pack_array: typed('a*', ({ types }) => {
    const convert = types.map((type) => converter(type, 'dynamic'))
    return (...values: unknown[]) => values.map((value, index) => convert[index]!(value))
  }),
  dynamic_to_json: pure('d', toJson),
  bag_keys: pure('d', (value: unknown) => (isBag(value) ? Object.keys(value) : null)),
  bag_has_key: pure('ds', (value: unknown, key: string) => (isBag(value) ? Object.hasOwn(value, key) : null)),
  bag_merge: pure('d*', merge),
  array_length: pure('d', (value: unknown) => listOf(value)?.length ?? null),
  array_sort_asc: sort(1),
  array_sort_desc: sort(-1),
  array_reverse: pure('d', (value: unknown) => listOf(value)?.toReversed() ?? null),
  array_index_of: pure('dd', indexIn),
  array_concat: pure('d*', (...lists: unknown[]) =>
    lists.every((list) => listOf(list) === null) ? null : lists.flatMap((list) => listOf(list) ?? []),
  ),
  array_slice: pure('dll', slice),
  array_sum: pure('d', sum),
  strcat_array: pure('ds', (list: unknown, delimiter: string) =>
    (listOf(list) ?? []).map(converter('dynamic', 'string')).join(delimiter),
  ),
  set_difference: pure('d*', difference),
  set_union: pure('d*', union),
  set_intersect: pure('d*', intersect),
  set_has_element: pure('dd', (list: unknown, sought: unknown) =>
    listOf(list) ? listOf(list)!.some((value) => sameDynamic(value, sought)) : null,
  ),
  zip: pure('d*', zip),
}
