import { compareIpv4, compareIpv6, ipv4InRange, ipv6InRange, isPrivateIpv4, networkOf } from '../addresses.js'
import { converter } from '../convert.js'
import { dynamicType } from '../dynamic.js'
import type { Long } from '../long.js'
import { type Apply, type Call, type FunctionTable, pure, typed } from './define.js'

/** Converts every argument to the type that the binder gives the result. */
function common({ types, type }: Call): ((value: unknown) => unknown)[] {
  return types.map((from) =>
    from === type || from === 'unknown' ? (value: unknown) => value : converter(from, type),
  )
}

function coalesce(call: Call): Apply {
  const convert = common(call)
  const isNone = (value: unknown) => value === null || value === ''
  return (...values: unknown[]) => {
    const index = values.findIndex((value) => !isNone(value))
    return index < 0 ? (call.type === 'string' ? '' : null) : convert[index]!(values[index])
  }
}

/** The smallest or largest of the values that are not null. */
function extreme(better: (a: Long, b: Long) => boolean) {
  return typed('a*', (call) => {
    const convert = common(call)
    return (...values: unknown[]) => {
      const present = values.map((value, index) => convert[index]!(value)).filter((value) => value !== null)
      return present.length === 0
        ? null
        : present.reduce((best, value) => (better(value as Long, best as Long) ? value : best))
    }
  })
}

const empty = typed('a', ({ types }) => {
  const text = converter(types[0]!, 'string')
  return (value: unknown) => value === null || text(value) === ''
})

const notEmpty = typed('a', ({ types }) => {
  const text = converter(types[0]!, 'string')
  return (value: unknown) => value !== null && text(value) !== ''
})

const isNull = typed('a', ({ types }) =>
  types[0] === 'string' ? () => false : (value: unknown) => value === null,
)
const notNull = typed('a', ({ types }) =>
  types[0] === 'string' ? () => true : (value: unknown) => value !== null,
)

function ranges(values: readonly unknown[]): string[] {
  return values
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter((v) => typeof v === 'string')
}

function inAny(test: (address: string, range: string) => boolean | null) {
  return pure('sa*', (address: string, ...values: unknown[]) => {
    const results = ranges(values).map((range) => test(address, range))
    if (results.includes(true)) return true
    return results.every((result) => result === null) ? null : false
  })
}

const conversion = (type: string) => typed('a', ({ types }) => converter(types[0]!, type) as Apply)

const match4 = pure('ssl?', (a: string, b: string, prefix?: Long) => {
  const compared = compareIpv4(a, b, prefix === undefined ? 32 : Number(prefix))
  return compared === null ? null : compared === 0
})

/** Choice, tests, conversions, addresses. `iff` and `case` are compiled apart, as they leave arguments unevaluated. */
export const logic: FunctionTable = {
  coalesce: typed('a*', coalesce),
  min_of: extreme((a, b) => a < b),
  max_of: extreme((a, b) => a > b),
  not: pure('b', (value: boolean) => !value),
  isempty: empty,
  isnotempty: notEmpty,
  notempty: notEmpty,
  isnull: isNull,
  isnotnull: notNull,
  notnull: notNull,
  gettype: typed('a', ({ types }) => (types[0] === 'dynamic' ? dynamicType : () => types[0])),
  tostring: conversion('string'),
  toint: conversion('int'),
  tolong: conversion('long'),
  toreal: conversion('real'),
  todouble: conversion('real'),
  tobool: conversion('bool'),
  toboolean: conversion('bool'),
  todatetime: conversion('datetime'),
  totimespan: conversion('timespan'),
  toguid: conversion('guid'),
  ipv4_is_in_range: pure('ss', ipv4InRange),
  ipv4_is_in_any_range: inAny(ipv4InRange),
  ipv4_is_match: match4,
  ipv4_compare: pure('ssl?', (a: string, b: string, prefix?: Long) =>
    compareIpv4(a, b, prefix === undefined ? 32 : Number(prefix)),
  ),
  ipv4_is_private: pure('s', isPrivateIpv4),
  parse_ipv4: pure('s', networkOf),
  ipv6_is_in_range: pure('ss', ipv6InRange),
  ipv6_is_in_any_range: inAny(ipv6InRange),
  ipv6_compare: pure('ssl?', (a: string, b: string, prefix?: Long) =>
    compareIpv6(a, b, prefix === undefined ? 128 : Number(prefix)),
  ),
  ipv6_is_match: pure('ssl?', (a: string, b: string, prefix?: Long) => {
    const compared = compareIpv6(a, b, prefix === undefined ? 128 : Number(prefix))
    return compared === null ? null : compared === 0
  }),
}
