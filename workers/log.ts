// The log's thread: writes lines into the log file. No logic of its own.
import { workerData } from 'node:worker_threads';
import { writeLog, type LogOrders } from '../src/ops/log-file.ts';

writeLog(workerData as LogOrders);
