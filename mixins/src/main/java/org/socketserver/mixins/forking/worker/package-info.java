/**
 * The worker's side: a server whose transport is its parent.
 *
 * <p>Three threads: the main thread waits for requests and runs their handlers; {@link
 * org.socketserver.mixins.forking.worker.CommandLoop} executes the commands of the parent, and ends the process when
 * the parent has exited; {@link org.socketserver.mixins.forking.worker.Heartbeats} sends heartbeats with the
 * progress of the request.
 */
@NullMarked
package org.socketserver.mixins.forking.worker;

import org.jspecify.annotations.NullMarked;
