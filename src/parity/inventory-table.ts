import type { Inventory } from '../agents/inventory.js'
import { watchlistRow } from '../agents/watchlist.js'
import type { SourceTable } from '../kql/evaluate/data.js'
import { WATCHLIST_COLUMNS } from '../kql/language.js'

/** The inventory as the watchlist `AgentInventory` holds it: every field a text. */
export function inventoryTable({ entries }: Inventory): SourceTable {
  return {
    columns: WATCHLIST_COLUMNS.map((name) => ({ name, type: 'string' })),
    rows: Array.from(entries, (entry) => {
      const row = watchlistRow(entry)
      return WATCHLIST_COLUMNS.map((name) => row[name])
    }),
  }
}
