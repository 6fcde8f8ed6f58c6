/**
 * The parent's side of worker processes.
 *
 * <p>{@link org.socketserver.mixins.forking.parent.WorkerPool} assigns requests to {@link
 * org.socketserver.mixins.forking.parent.Worker}s. Each has a process and a monitor thread, which starts the process,
 * receives what it sends, and for each request runs a {@link org.socketserver.mixins.forking.parent.RemoteRequest},
 * which takes the handler's place until the worker has finished. The supervisor thread of the pool kills workers that
 * take too long.
 */
@NullMarked
package org.socketserver.mixins.forking.parent;

import org.jspecify.annotations.NullMarked;
