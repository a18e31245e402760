/** What the daemon counts and measures; plain data, made anew at each call. */
export interface EngineStatus {
  /** Whether messages are being scored, or could be if there were any; if not, `waitingFor` says what for. */
  readonly ready: boolean
  /** `undefined` while nothing holds the engine up. */
  readonly waitingFor: 'start' | 'state' | 'outbox' | 'dead-letters' | 'stopped' | undefined
  readonly messages: number
  /** Records that were understood, by category. */
  readonly records: ReadonlyMap<string, number>
  /** Records of categories that are passed over, by category. */
  readonly unknown: ReadonlyMap<string, number>
  /** Messages and records that could not be read, by reason. */
  readonly deadLetters: ReadonlyMap<string, number>
  readonly rows: RowStatus
  readonly agents: number
  readonly texts: number
  readonly openAlerts: number
  /** By detection: rows that would have alerted if more were known of the agent. */
  readonly learning: ReadonlyMap<string, number>
  /** How often each bound was met, by its name. */
  readonly bounds: ReadonlyMap<string, number>
  readonly partitions: readonly PartitionStatus[]
  /** Connections by source. */
  readonly connections: ReadonlyMap<string, { readonly up: boolean; readonly detail: string }>
  readonly queueBytes: number
  readonly outbox: { readonly entries: number; readonly bytes: number; readonly newest: number }
  readonly state: StateStatus
}

export interface RowStatus {
  readonly rows: number
  readonly duplicates: number
  readonly reordered: number
  readonly late: number
  readonly tooLate: number
  /** Rows of the time that a backfill has counted already. */
  readonly backfilled: number
  /** Rows of agents beyond the bound. */
  readonly beyondAgents: number
  /** Rows of tenants that are not to be watched. */
  readonly otherTenants: number
  /** Rows that wait for others. */
  readonly waiting: number
}

export interface PartitionStatus {
  readonly source: string
  readonly partition: string
  readonly assigned: boolean
  readonly messages: number
  readonly position: string | undefined
  /** Messages that are not scored: those that wait here, and those that the broker still has, if that is known. */
  readonly behind: number | undefined
  /** How long ago the broker took in the last message that was scored, in seconds, if not all are; 0 if all are. */
  readonly behindSeconds: number | undefined
  readonly queuedBytes: number
}

export interface StateStatus {
  /** Bytes on disk, as of one of the last saves. */
  readonly bytes: number
  readonly records: number
  readonly saves: number
  readonly failures: number
  /** Why the last save did not succeed; `undefined` once one did. */
  readonly failure: string | undefined
  /** When the last save was on disk, in milliseconds since 1970. */
  readonly savedAt: number | undefined
  /** Seconds that the last save took, of which `blocked` kept scoring waiting, and its bytes. */
  readonly seconds: number
  readonly blocked: number
  readonly savedBytes: number
}
