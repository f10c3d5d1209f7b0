package io.mooring.certificates.core;

import java.util.List;

/**
 * What a certification request (PKCS#10, RFC 2986) says, once its signature was found good.
 *
 * @param commonNames the common names in its subject, normally one
 * @param key the kind of key it holds
 */
public record RequestFacts(List<String> commonNames, KeyFacts key) {
    public RequestFacts {
        commonNames = List.copyOf(commonNames);
    }
}
