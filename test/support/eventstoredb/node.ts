import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'
import persistentService from '@eventstore/db-client/generated/persistent_grpc_pb.js'
import { append, batchAppend } from './append.ts'
import { errorOf, type Address, type Faults, type Method } from './faults.ts'
import type { Log } from './log.ts'
import type { AnyCall, Passage } from './passage.ts'
import type { PersistentSubscriptions } from './persistent.ts'
import { read } from './read.ts'

export interface Member extends Address {
  readonly isLeader: boolean
  readonly isAlive: boolean
}

export interface ClusterView {
  readonly members: () => readonly Member[]
  readonly leader: () => Address
}

export interface NodeOptions {
  readonly port?: number | undefined
  readonly credentials?: ServerCredentials | undefined
  /** Gets every `authorization` header. */
  readonly users: Set<string>
}

const clusterInfo = (cluster: ClusterView): gossip.ClusterInfo =>
  new gossip.ClusterInfo().setMembersList(
    cluster.members().map(({ address, port, isLeader, isAlive }, n) => {
      const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState
      const member = new gossip.MemberInfo().setState(isLeader ? LEADER : FOLLOWER).setIsAlive(isAlive)
      member.setInstanceId(new shared.UUID().setString(`00000000-0000-4000-8000-00000000000${n}`)).setTimeStamp('0')
      return member.setHttpEndPoint(new gossip.EndPoint().setAddress(address).setPort(port))
    }),
  )

const supported = (): features.SupportedMethods => {
  const method = (service: string, name: string, ...list: string[]) =>
    new features.SupportedMethod().setServiceName(service).setMethodName(name).setFeaturesList(list)
  const streams = 'event_store.client.streams.streams'
  return new features.SupportedMethods()
    .setEventStoreServerVersion('24.6.0')
    .setMethodsList([
      method(streams, 'batchappend'),
      method(streams, 'append'),
      method(streams, 'read', 'position', 'events'),
    ])
}

/** Starts one node of the stand-in on 127.0.0.1. */
export const startNode = async (
  log: Log,
  groups: PersistentSubscriptions,
  cluster: ClusterView,
  faults: Faults,
  { port = 0, credentials = ServerCredentials.createInsecure(), users }: NodeOptions,
) => {
  const server = new Server()
  const address = '127.0.0.1'
  let bound = port

  const passage: Passage = {
    log,
    faults,
    through: async (method, call, fail, work) => {
      const isLeader = cluster.leader().port === bound
      for (const user of call.metadata.get('authorization')) users.add(String(user))
      const mustLead = call.metadata.get('requires-leader').includes('true')
      const before = mustLead && !isLeader ? 'not-leader' : await faults.before(method)
      if (before === 'silent') return
      if (before === 'cut') return end()
      if (before !== 'none') return void fail(errorOf(before, cluster.leader()))
      const answer = work()
      const after = await faults.after(method)
      if (after === 'silent') return
      if (after === 'cut') return end()
      if (after !== 'none') return void fail(errorOf(after, cluster.leader()))
      answer()
    },
  }

  server.addService(streamsService.StreamsService, {
    read: read(passage),
    append: append(passage),
    batchAppend: batchAppend(passage),
  })
  server.addService(persistentService.PersistentSubscriptionsService, {
    create: groups.create(passage),
    read: groups.read(passage),
  })
  const unary =
    <A>(method: Method, answer: () => A) =>
    (call: AnyCall, reply: sendUnaryData<A>): void =>
      void passage.through(method, call, reply, () => () => reply(null, answer()))
  server.addService(gossipService.GossipService, { read: unary('gossip', () => clusterInfo(cluster)) })
  server.addService(featuresService.ServerFeaturesService, { getSupportedMethods: unary('features', supported) })

  bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address}:${port}`, credentials, (error, found) =>
      error === null ? resolve(found) : reject(error),
    )
  })
  /** Ends every connection at once, as a killed process does. */
  const end = (): void => server.forceShutdown()
  return { address, port: bound, end }
}

export type Node = Awaited<ReturnType<typeof startNode>>
