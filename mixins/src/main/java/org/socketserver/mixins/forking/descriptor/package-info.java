/**
 * Connections as file descriptors from one process to another: all of this module that uses junixsocket, which need not
 * be there. {@link org.socketserver.mixins.forking.descriptor.DescriptorPassing} is asked first; the rest is used only
 * if it returns no obstacle.
 */
@NullMarked
package org.socketserver.mixins.forking.descriptor;

import org.jspecify.annotations.NullMarked;
