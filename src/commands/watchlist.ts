import { Command } from 'commander'
import { loadInventory } from '../agents/load.js'
import { watchlistRow } from '../agents/watchlist.js'
import { csvLine } from '../csv.js'
import { WATCHLIST_COLUMNS } from '../kql/language.js'
import { type Io, write } from './io.js'

const AFTER = `
Example:
  agentwarden rules watchlist --agents agents.yaml > agents.csv

Microsoft Sentinel takes watchlists of up to 3.8 MB: about 15,000 agents.
Exit code: 0 done, 1 failed, 2 wrong usage.`

/** `agentwarden rules watchlist`: the inventory as the CSV of the watchlist that rules read. */
export function watchlistCommand(io: Io): Command {
  return new Command('watchlist')
    .description('write the inventory as CSV for the watchlist AgentInventory')
    .requiredOption('--agents <file>', 'inventory of agents, YAML or CSV')
    .addHelpText('after', AFTER)
    .action(async ({ agents }: { readonly agents: string }) => {
      const { entries } = await loadInventory(agents)
      const rows = entries.map((entry) =>
        WATCHLIST_COLUMNS.map((column) => watchlistRow(entry)[column] ?? ''),
      )
      await write(io.stdout, [WATCHLIST_COLUMNS, ...rows].map((row) => csvLine(row)).join(''))
    })
}
