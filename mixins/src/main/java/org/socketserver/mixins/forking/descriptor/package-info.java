/**
 * Descriptors from one process to another: all of this module that touches junixsocket, which need not be there.
 *
 * <p>{@link org.socketserver.mixins.forking.descriptor.DescriptorPassing} is asked first; the rest is used only if it knows of
 * no obstacle.
 */
@NullMarked
package org.socketserver.mixins.forking.descriptor;

import org.jspecify.annotations.NullMarked;
