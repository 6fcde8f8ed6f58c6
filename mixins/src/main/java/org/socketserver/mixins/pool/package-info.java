/**
 * The parent's side of worker processes.
 *
 * <p>{@link org.socketserver.mixins.pool.WorkerPool} hands requests to {@link org.socketserver.mixins.pool.Worker}s.
 * Each has a process, and a thread that keeps it: it starts the process, waits for requests, and for each one runs a
 * {@link org.socketserver.mixins.pool.Job}, which follows the request until the worker is done with it. {@link
 * org.socketserver.mixins.pool.Supervisor} is the clock: what takes too long is ended.
 */
@NullMarked
package org.socketserver.mixins.pool;

import org.jspecify.annotations.NullMarked;
