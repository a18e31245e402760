import type { Inventory, InventoryEntry } from '../agents/inventory.js'
import type { SourceTable } from '../kql/evaluate/data.js'
import { WATCHLIST_COLUMNS } from '../kql/language.js'

/** The inventory as the watchlist `AgentInventory` holds it: every field a text. */
export function inventoryTable(inventory: Inventory): SourceTable {
  return {
    columns: WATCHLIST_COLUMNS.map((name) => ({ name, type: 'string' })),
    rows: Array.from(inventory.entries(), (entry) => WATCHLIST_COLUMNS.map((name) => textOf(entry, name))),
  }
}

function textOf(entry: InventoryEntry, name: string): string {
  const value = name === 'SearchKey' ? entry.id : (entry as unknown as Record<string, unknown>)[name]
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
