import { ALLOWANCE_FIELDS, INVENTORY_FIELDS, LISTED } from '../agents/inventory.js'
import type { YamlFile } from '../config/yaml.js'
import type { View, ViewColumnType } from '../views/view.js'
import type { Condition } from '../where/condition.js'
import { type ColumnTypes, type Problem, parseWhere } from '../where/parse.js'

/** The columns of a view and the fields of the inventory, the latter as `agent.owner`. */
export function columnTypes(view: View): ColumnTypes {
  const inventory = new Map<string, ViewColumnType>(
    [...INVENTORY_FIELDS, ...ALLOWANCE_FIELDS, LISTED].map((field) => [`agent.${field}`, 'string']),
  )
  return (name) => view.columns.get(name) ?? inventory.get(name)
}

/** Reads a condition at a path of keys; its problems are noted in the file. */
export function readCondition(
  yaml: YamlFile,
  path: readonly string[],
  value: unknown,
  types: ColumnTypes,
): Condition | undefined {
  const problems: Problem[] = []
  const condition = parseWhere(value, path, types, problems)
  for (const { path, message } of problems) yaml.report(path, message)
  return condition
}
