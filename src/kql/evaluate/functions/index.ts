import { dates } from './dates.js'
import type { FunctionTable } from './define.js'
import { dynamics } from './dynamics.js'
import { logic } from './logic.js'
import { numbers } from './numbers.js'
import { strings } from './strings.js'
import { zones } from './zones.js'

/** Every scalar function whose arguments are all evaluated before it. */
export const scalarFunctions: FunctionTable = {
  ...strings,
  ...numbers,
  ...dates,
  ...dynamics,
  ...logic,
  ...zones,
}
