import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import rhea, { type AmqpError, type Connection, type EventContext, type Message } from 'rhea'
import { Faults } from './faults.js'
import { type Content, PartitionLog, type StoredEvent } from './partition-log.js'
import { eventsOf, keyOf, MAX_MESSAGE_SIZE, settle } from './publishing.js'
import { creditOf, Readers } from './readers.js'
import { authorize, describe } from './requests.js'

const READ = /^([^/]+)\/ConsumerGroups\/([^/]+)\/Partitions\/([^/]+)$/

const WRITE = /^([^/]+)(?:\/Partitions\/([^/]+))?$/

/**
 * One event hub that speaks AMQP 1.0 as the clients of Azure Event Hubs expect it, on the loopback and without TLS. Its
 * events outlive its listener, so that it can go away and come back. Each way to misbehave is a command.
 */
export class EventHubsServer {
  readonly hub: string
  readonly groups: ReadonlySet<string>
  readonly faults = new Faults()
  readonly readers = new Readers(this.faults)
  /** Most bytes that a publisher may send at once. */
  maxMessageSize = MAX_MESSAGE_SIZE
  /** Tokens that were presented, by what they are for. */
  readonly audiences: string[] = []
  readonly #logs: PartitionLog[] = []
  readonly #connections = new Set<Connection>()
  readonly #sockets = new Set<Socket>()
  #listener: Server | undefined
  #port = 0
  #turn = 0

  constructor({ hub = 'entra-logs', partitions = 1, groups = ['$Default'] } = {}) {
    this.hub = hub
    this.groups = new Set(groups)
    this.addPartitions(partitions)
  }

  /** How a client reaches it. */
  get connectionString(): string {
    return `Endpoint=sb://127.0.0.1:${this.#port};SharedAccessKeyName=test;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true`
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Listens; on the same port as before once it has had one. */
  async listen(): Promise<this> {
    const container = rhea.create_container({ id: 'event-hubs-server' })
    container.on('connection_open', ({ connection }) => this.#connections.add(connection))
    container.on('connection_close', ({ connection }) => this.#forget(connection))
    container.on('disconnected', ({ connection }) => this.#forget(connection))
    container.on('sender_open', (context) => this.#openReader(context))
    container.on('receiver_open', (context) => this.#openPublisher(context))
    container.on('message', (context) => this.#onMessage(context))
    // Clients that are cut off leave errors behind, which are what the tests are about.
    for (const name of [
      'error',
      'connection_error',
      'protocol_error',
      'session_error',
      'receiver_error',
      'sender_error',
    ])
      container.on(name, () => {})
    this.#listener = container.listen({
      port: this.#port,
      host: '127.0.0.1',
      max_frame_size: 65_536,
      idle_time_out: 240_000,
      receiver_options: { autoaccept: false, credit_window: 100 },
    } as Parameters<typeof container.listen>[0]) as Server
    this.#listener.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    await once(this.#listener, 'listening')
    this.#port = (this.#listener.address() as AddressInfo).port
    return this
  }

  /** Goes away: nobody can connect, all sockets are lost. The events stay. */
  async away(): Promise<void> {
    const closed = this.#listener && once(this.#listener, 'close')
    this.#listener?.close()
    this.loseSockets()
    await closed
    this.#listener = undefined
  }

  log(partition: string): PartitionLog {
    return this.#logs.find(({ id }) => id === partition)!
  }

  addPartitions(count: number): void {
    for (let added = 0; added < count; added++) this.#logs.push(new PartitionLog(String(this.#logs.length)))
  }

  /** Enqueues an event and sends it to whoever reads the partition. */
  enqueue(partition: string, content: Content, enqueued?: number): StoredEvent {
    const event = this.log(partition).append(content, enqueued)
    this.readers.serve(partition)
    return event
  }

  /** Credit that clients have given for a partition and that is not used up. */
  credit(partition: string): number {
    return this.readers.of(partition).reduce((sum, reader) => sum + creditOf(reader), 0)
  }

  /** Ends the links that read a partition: `amqp:link:detach-forced`, `com.microsoft:server-busy`, ... */
  detach(partition: string, condition: string, description = 'ended by the test'): void {
    this.readers.close(partition, { condition, description })
  }

  /** All sockets are lost without a word. */
  loseSockets(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** All connections are closed with an error. */
  closeConnections(condition = 'amqp:connection:forced'): void {
    for (const connection of this.#connections)
      connection.close({ condition, description: 'closed by the test' })
  }

  /** The right to read is taken away: links end and tokens are refused. */
  revoke(): void {
    this.faults.tokensRefused = true
    for (const { id } of this.#logs) this.detach(id, 'amqp:unauthorized-access', 'Unauthorized access.')
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection)
    this.readers.forget(connection)
  }

  #openReader({ sender }: EventContext): void {
    const address = sender!.source.address ?? ''
    if (address.startsWith('$')) {
      sender!.set_source(sender!.source)
      return
    }
    const [, hub, group, partition] = READ.exec(String(address)) ?? []
    const log = this.#logs.find(({ id }) => id === partition)
    if (hub !== this.hub || !log) sender!.close(notFound(String(address)))
    else if (!this.groups.has(group!)) sender!.close(notFound(`${hub}:ConsumerGroup:${group}`))
    else this.readers.open(sender!, group!, log)
  }

  #openPublisher({ receiver }: EventContext): void {
    const address = String(receiver!.target.address)
    receiver!.set_target(receiver!.target)
    if (address.startsWith('$')) return
    if (WRITE.exec(address)?.[1] !== this.hub) receiver!.close(notFound(address))
    const { attach } = (receiver as unknown as { local: { attach: { max_message_size: unknown } } }).local
    attach.max_message_size = this.maxMessageSize
  }

  #onMessage(context: EventContext): void {
    const address = String(context.receiver!.target.address)
    const request = context.message!
    if (address === '$cbs') {
      this.audiences.push(request.application_properties?.name)
      this.#answer(context, authorize(request, this.faults))
    } else if (address === '$management') {
      this.#answer(context, describe(request, this.hub, this.#logs, this.faults))
    } else this.#publish(context, WRITE.exec(address)?.[2])
  }

  /** Replies on the link that has the name which the request gives. */
  #answer({ delivery, message, connection }: EventContext, reply: Message | undefined): void {
    delivery!.accept()
    if (!reply) return
    const link = connection.find_sender(({ name }: { name: string }) => name === message!.reply_to)
    link?.send(reply)
  }

  #publish(context: EventContext, partition: string | undefined): void {
    if (this.faults.silent.has('publishing')) return
    const refusal = this.faults.refuseEvents
    if (!refusal) for (const event of eventsOf(context)) this.enqueue(partition ?? this.#choose(event), event)
    settle(context, refusal)
  }

  #choose(event: Message): string {
    const key = keyOf(event)
    const number =
      key === undefined ? this.#turn++ : [...Buffer.from(key)].reduce((sum, byte) => sum + byte, 0)
    return this.#logs[number % this.#logs.length]!.id
  }
}

function notFound(entity: string): AmqpError {
  return { condition: 'amqp:not-found', description: `The messaging entity '${entity}' could not be found.` }
}
