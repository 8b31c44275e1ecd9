import { microUsdToDecimal } from '../domain/money/money.ts';
import { builder } from './builder.ts';
import { Direction, TransactionStatus } from './enums.ts';
import { TransactionNode } from './nodes.ts';

builder.prismaObjectFields(TransactionNode, (t) => ({
  agent: t.relation('agent'),
  task: t.relation('task', { nullable: true }),
  direction: t.expose('direction', { type: Direction }),
  status: t.expose('status', { type: TransactionStatus }),
  network: t.exposeString('network', { description: '"base", "ethereum"' }),
  token: t.exposeString('token', { description: '"USDC", "ETH"' }),
  amountBaseUnits: t.string({
    description: "A whole number of the token's smallest unit (USDC has 6 decimals, ETH 18).",
    resolve: (transaction) => transaction.amountBaseUnits.toFixed(0),
  }),
  amountUsd: t.field({ type: 'Decimal', resolve: (transaction) => microUsdToDecimal(transaction.amountMicroUsd) }),
  fromAddress: t.exposeString('fromAddress'),
  toAddress: t.exposeString('toAddress'),
  hash: t.exposeString('hash', { nullable: true, description: 'Of the transaction on chain, once it was sent.' }),
  blockNumber: t.int({
    nullable: true,
    resolve: (transaction) => (transaction.blockNumber === null ? null : Number(transaction.blockNumber)),
  }),
  gasCostWei: t.string({ nullable: true, resolve: (transaction) => transaction.gasCostWei?.toFixed(0) ?? null }),
  purpose: t.exposeString('purpose'),
  approvedBy: t.exposeString('approvedBy', { description: '"user:<id>" or "judge"' }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  confirmedAt: t.expose('confirmedAt', { type: 'DateTime', nullable: true }),
}));
