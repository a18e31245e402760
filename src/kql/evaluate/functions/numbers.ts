import { KqlError } from '../errors.js'
import { floorTo, type Long, long, modulo, subtract } from '../long.js'
import { TICKS_TO_EPOCH } from '../time.js'
import { type Apply, type Call, type FunctionTable, pure, typed } from './define.js'

const isWhole = (type: string | undefined) => type === 'int' || type === 'long'

/** `bin()`: down to a multiple; times are counted from 0001-01-01. */
function bin({ types, type }: Call): Apply {
  const [value, step] = types
  if (value === 'datetime') return binTime
  if (value === 'timespan' || (isWhole(value) && isWhole(step))) return floorTo
  if (type === 'dynamic' || value === 'dynamic') throw new KqlError('unsupported', 'bin() of a dynamic')
  return (number: Long, size: Long) => {
    const [x, y] = [Number(number), Number(size)]
    return y <= 0 ? null : Math.floor(x / y) * y
  }
}

let lastStep: Long | undefined
let lastShift: Long = 0

function binTime(time: Long, step: Long): Long | null {
  if (step <= 0) return null
  if (step !== lastStep) {
    lastStep = step
    lastShift = modulo(TICKS_TO_EPOCH, step)!
  }
  if (typeof time === 'number' && typeof step === 'number' && typeof lastShift === 'number') {
    const shifted = time + lastShift
    if (Number.isSafeInteger(shifted)) return Math.floor(shifted / step) * step - lastShift + 0
  }
  return subtract(time, modulo(BigInt(time) + BigInt(TICKS_TO_EPOCH), step)!)
}

function binAt({ types }: Call): Apply {
  if (types[0] === 'real' || types[1] === 'real') {
    return (value: number, step: number, fixed: number) =>
      step <= 0 ? null : Math.floor((value - fixed) / step) * step + fixed
  }
  return (value: Long, step: Long, fixed: Long) => {
    const floored = floorTo(subtract(value, fixed), step)
    return floored === null ? null : subtract(floored, subtract(0, fixed))
  }
}

/** Half away from zero, as .NET's decimal rounding of the printed digits does. */
function round({ types }: Call): Apply {
  if (isWhole(types[0]) && types.length === 1) return (value: Long) => value
  return (value: Long, digits: Long = 0) => {
    const number = Number(value)
    if (!Number.isFinite(number)) return number
    const [mantissa, exponent = '0'] = String(Math.abs(number)).split('e')
    const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + Number(digits)}`))
    const [m, e = '0'] = String(shifted).split('e')
    return Math.sign(number) * Number(`${m}e${Number(e) - Number(digits)}`) + 0
  }
}

function wholeOr(whole: (value: Long) => unknown, real: (value: number) => unknown) {
  return typed('n', ({ types }) => (types[0] === 'real' || types[0] === 'dynamic' ? real : whole) as Apply)
}

const real = (apply: (value: number) => number) => pure('r', apply)

/** A function of which KQL gives null where the result is no number. */
const partial = (apply: (value: number) => number) =>
  pure('r', (value: number) => {
    const result = apply(value)
    return Number.isNaN(result) && !Number.isNaN(value) ? null : result
  })

const binned = typed('aa', (call) => {
  const apply = bin(call) as (value: unknown, step: unknown) => unknown
  return (value: unknown, step: unknown) => (value === null || step === null ? null : apply(value, step))
})

/** Functions over numbers. */
export const numbers: FunctionTable = {
  bin: binned,
  floor: binned,
  bin_at: typed('aaa', (call) => {
    const apply = binAt(call) as (...values: unknown[]) => unknown
    return (...values: unknown[]) => (values.includes(null) ? null : apply(...values))
  }),
  ceiling: typed('n', ({ types }) =>
    isWhole(types[0]) ? (value: Long) => value : (value: Long) => Math.ceil(Number(value)) + 0,
  ),
  round: typed('nl?', round),
  abs: typed('a', ({ types }) => {
    if (types[0] === 'dynamic') throw new KqlError('unsupported', 'abs() of a dynamic is not supported')
    return types[0] === 'real'
      ? (value: number | null) => (value === null ? null : Math.abs(value))
      : (value: Long | null) => (value === null ? null : value < 0 ? subtract(0, value) : value)
  }),
  sign: wholeOr(
    (value) => (value < 0 ? -1 : value > 0 ? 1 : 0),
    (value) => (Number.isNaN(value) ? 0 : Math.sign(value) + 0),
  ),
  sqrt: partial(Math.sqrt),
  exp: real(Math.exp),
  exp2: real((value) => 2 ** value),
  exp10: real((value) => 10 ** value),
  log: partial(Math.log),
  log10: partial(Math.log10),
  log2: partial(Math.log2),
  sin: real(Math.sin),
  cos: real(Math.cos),
  tan: real(Math.tan),
  pow: pure('rr', (base: number, exponent: number) => base ** exponent),
  pi: pure('', () => Math.PI),
  isnan: pure('r', (value: number) => Number.isNaN(value)),
  isinf: pure('r', (value: number) => Math.abs(value) === Infinity),
  isfinite: pure('r', (value: number) => Number.isFinite(value)),
  binary_and: pure('ll', (a: Long, b: Long) => long(BigInt(a) & BigInt(b))),
}
