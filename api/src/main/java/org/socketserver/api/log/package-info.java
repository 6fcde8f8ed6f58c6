/**
 * The log of a server, for the modules of this framework: safe from forged records, floods, and backends that throw.
 */
@NullMarked
package org.socketserver.api.log;

import org.jspecify.annotations.NullMarked;
