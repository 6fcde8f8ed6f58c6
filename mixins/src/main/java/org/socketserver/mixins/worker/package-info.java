/**
 * What runs inside of a worker process: a server whose transport is its parent.
 *
 * <p>Three threads: the main thread waits for requests and runs their handlers; {@link
 * org.socketserver.mixins.worker.Orders} obeys the parent, and ends the process when the parent has gone; {@link
 * org.socketserver.mixins.worker.Pulse} tells the parent how the request fares.
 */
@NullMarked
package org.socketserver.mixins.worker;

import org.jspecify.annotations.NullMarked;
