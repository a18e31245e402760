import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeMemory } from '../daemon/saved-state.js'
import type { RowStream } from '../replay/stream.js'
import { Batch } from '../state/batch.js'
import { overviewOf } from '../state/overview.js'
import { StateStore } from '../state/store.js'

/** Why a state can't be filled: there is something in it. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse'
}

/** @throws StateInUse if a state holds anything: what has been learnt since must not be lost. */
export async function checkEmpty(directory: string): Promise<void> {
  if (!existsSync(join(directory, 'current'))) return
  const store = new StateStore(directory)
  const { newestEvent } = await overviewOf(store)
  const { records } = store
  await store.close()
  if (records > 0) throw new StateInUse(inUse(directory, newestEvent))
}

/** Writes what a stream remembers as a new state, all of it or nothing. @throws StateInUse */
export async function saveNewState(directory: string, stream: RowStream): Promise<void> {
  const store = new StateStore(directory)
  await store.open()
  try {
    if (store.records > 0) throw new StateInUse(inUse(directory, undefined))
    const batch = new Batch()
    writeMemory(batch, stream)
    await store.save(batch)
  } finally {
    await store.close()
  }
}

function inUse(directory: string, newest: string | undefined): string {
  const upTo = newest === undefined ? '' : ` up to ${newest}`
  return `the state in ${directory} holds data${upTo}: a backfill makes a new one. Name another directory, or remove this one`
}
