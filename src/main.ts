import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { agentsCommand } from './commands/agents.js'
import { backfillCommand } from './commands/backfill.js'
import { detectionsCommand } from './commands/detections.js'
import { diffCommand } from './commands/diff.js'
import { explainCommand } from './commands/explain.js'
import { inventoryCommand } from './commands/inventory.js'
import { type Io, print, UsageError } from './commands/io.js'
import { kqlCommand } from './commands/kql.js'
import { parityCommand } from './commands/parity.js'
import { replayCommand } from './commands/replay.js'
import { reviewCommand } from './commands/review.js'
import { rowsCommand } from './commands/rows.js'
import { rulesCommand } from './commands/rules.js'
import { runCommand } from './commands/run.js'
import { simulateCommand } from './commands/simulate.js'
import { stateCommand } from './commands/state.js'
import { suppressCommand } from './commands/suppress.js'
import { tuneCommand } from './commands/tune.js'
import { type Connect, connectWorkspace } from './commands/workspace.js'
import { ProblemsError } from './config/yaml.js'
import { packagePath } from './package-root.js'
import { InputError } from './sources/inputs.js'

const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
  version: string
}

const AFTER = `
Start with:  agentwarden replay samples
Each command explains itself: agentwarden replay --help`

/** Runs the command line. Returns the exit code: 0 done, 1 failed, 2 wrong usage. Never throws, never exits. */
export async function main(
  args: readonly string[],
  io: Io,
  connect: Connect = connectWorkspace,
): Promise<number> {
  let code = 0
  const program = programOf(io, connect, (value) => {
    code = value
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return await explain(error, io)
  }
}

function programOf(io: Io, connect: Connect, exit: (code: number) => void): Command {
  const program = new Command('agentwarden')
    .description(
      'Detections for AI-agent identities in Microsoft Entra: learn what each agent does, report what it does otherwise.',
    )
    .version(version)
    .addHelpText('after', AFTER)
  const run = (io: Io, exit: (code: number) => void) => runCommand(io, exit, version)
  const replay = (io: Io, exit: (code: number) => void) => replayCommand(io, exit, version)
  const inventory = (io: Io, exit: (code: number) => void) => inventoryCommand(io, exit)
  const parity = (io: Io, exit: (code: number) => void) => parityCommand(io, exit, connect)
  const backfill = (io: Io, exit: (code: number) => void) => backfillCommand(io, exit, connect)
  const tune = (io: Io, exit: (code: number) => void) => tuneCommand(io, exit, version)
  const commands = [
    run,
    replay,
    simulateCommand,
    agentsCommand,
    rowsCommand,
    detectionsCommand,
    rulesCommand,
    parity,
    tune,
    suppressCommand,
    explainCommand,
    diffCommand,
    kqlCommand,
    stateCommand,
    inventory,
    reviewCommand,
    backfill,
  ]
  for (const command of commands) program.addCommand(command(io, exit))
  for (const command of [program, ...program.commands]) silence(command, io)
  return program
}

/** Commander would write to the process and end it. */
function silence(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    getOutHelpWidth: () => io.columns ?? 110,
    getErrHelpWidth: () => io.columns ?? 110,
  })
  for (const inner of command.commands) silence(inner, io)
}

async function explain(error: unknown, io: Io): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof ProblemsError) {
    await print(io.stderr, error.message)
    return 2
  }
  if (error instanceof UsageError || error instanceof InputError) {
    await print(io.stderr, `error: ${error.message}`)
    return 2
  }
  await print(io.stderr, `error: ${error instanceof Error ? error.message : String(error)}`)
  return 1
}
