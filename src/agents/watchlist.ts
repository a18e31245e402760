import type { InventoryEntry } from './inventory.js'

/**
 * An entry of the inventory as a row of its watchlist: text throughout, lists separated by semicolons, the hours as
 * JSON, `SearchKey` the id. What is not said is the empty text.
 */
export function watchlistRow(entry: InventoryEntry): Record<string, string> {
  const { id, app_id = '', name = '', owner = '', sponsor = '', tier = '', status } = entry
  const lists = { networks: (entry.networks ?? []).join(';'), resources: (entry.resources ?? []).join(';') }
  const hours = entry.hours === undefined ? '' : JSON.stringify(entry.hours)
  return { id, app_id, name, owner, sponsor, tier, status, hours, ...lists, SearchKey: id }
}
