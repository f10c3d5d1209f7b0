package io.mooring.files.http;

import io.mooring.files.core.Listing;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.UploadedPart;
import io.mooring.files.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The documents of S3's REST API. */
final class S3Xml {
    private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    private static final String NAMESPACE = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

    private final StringBuilder text = new StringBuilder(HEAD);

    private S3Xml() {}

    /** An error; {@code region} only where it helps. */
    static String error(S3Error error, String detail, String resource, String requestId, String region) {
        S3Xml xml = new S3Xml();
        xml.text.append("<Error>");
        xml.element("Code", error.code());
        xml.element("Message", detail);
        if (error == S3Error.AUTHORIZATION_HEADER_MALFORMED) {
            xml.element("Region", region);
        }
        xml.element("Resource", resource);
        xml.element("RequestId", requestId);
        return xml.text.append("</Error>").toString();
    }

    static String location(String region) {
        return HEAD + "<LocationConstraint" + NAMESPACE + ">" + escaped(region) + "</LocationConstraint>";
    }

    static String begun(String bucket, String key, String upload) {
        S3Xml xml = new S3Xml();
        xml.text.append("<InitiateMultipartUploadResult").append(NAMESPACE).append('>');
        xml.element("Bucket", bucket);
        xml.element("Key", key);
        xml.element("UploadId", upload);
        return xml.text.append("</InitiateMultipartUploadResult>").toString();
    }

    static String completed(String bucket, String key, String etag) {
        S3Xml xml = new S3Xml();
        xml.text.append("<CompleteMultipartUploadResult").append(NAMESPACE).append('>');
        xml.element("Location", "/" + bucket + "/" + key);
        xml.element("Bucket", bucket);
        xml.element("Key", key);
        xml.element("ETag", "\"" + etag + "\"");
        return xml.text.append("</CompleteMultipartUploadResult>").toString();
    }

    /** A listing; with {@code encoded}, names in it are encoded as in URLs, as a client may ask. */
    static String listing(String bucket, Listing.Query query, Listing.Page<ObjectStore.Listed> page, boolean encoded) {
        UnaryOperator<String> name = encoded
                ? key -> URLEncoder.encode(key, StandardCharsets.UTF_8).replace("%2F", "/")
                : UnaryOperator.identity();
        S3Xml xml = new S3Xml();
        xml.text.append("<ListBucketResult").append(NAMESPACE).append('>');
        xml.element("Name", bucket);
        xml.element("Prefix", name.apply(query.prefix()));
        xml.optional("Delimiter", name.apply(query.delimiter()));
        xml.optional("StartAfter", name.apply(query.startAfter()));
        xml.optional("ContinuationToken", query.token());
        page.nextToken().ifPresent(token -> xml.element("NextContinuationToken", token));
        xml.optional("EncodingType", encoded ? "url" : "");
        xml.element(
                "KeyCount",
                Integer.toString(page.objects().size() + page.commonPrefixes().size()));
        xml.element("MaxKeys", Integer.toString(query.most()));
        xml.element("IsTruncated", Boolean.toString(page.nextToken().isPresent()));
        for (ObjectStore.Listed object : page.objects()) {
            xml.text.append("<Contents>");
            xml.element("Key", name.apply(object.key()));
            xml.element("LastModified", object.kept().modified().toString());
            xml.element("ETag", "\"" + object.kept().etag() + "\"");
            xml.element("Size", Long.toString(object.kept().size()));
            xml.element("StorageClass", "STANDARD");
            xml.text.append("</Contents>");
        }
        for (String prefix : page.commonPrefixes()) {
            xml.text.append("<CommonPrefixes>");
            xml.element("Prefix", name.apply(prefix));
            xml.text.append("</CommonPrefixes>");
        }
        return xml.text.append("</ListBucketResult>").toString();
    }

    /** The parts that complete an upload. */
    static List<UploadedPart> parts(byte[] document) throws Refused {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        List<UploadedPart> parts = new ArrayList<>();
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(document));
            int number = 0;
            String etag = "";
            while (xml.hasNext()) {
                int event = xml.next();
                if (event == XMLStreamConstants.START_ELEMENT
                        && xml.getLocalName().equals("PartNumber")) {
                    number = Integer.parseInt(xml.getElementText().strip());
                } else if (event == XMLStreamConstants.START_ELEMENT
                        && xml.getLocalName().equals("ETag")) {
                    etag = xml.getElementText().strip().replace("\"", "");
                } else if (event == XMLStreamConstants.END_ELEMENT
                        && xml.getLocalName().equals("Part")) {
                    parts.add(new UploadedPart(number, etag));
                }
            }
        } catch (XMLStreamException | NumberFormatException e) {
            throw new Refused(S3Error.MALFORMED_XML, "the list of parts cannot be read");
        }
        if (parts.isEmpty() || parts.size() > UploadedPart.MOST) {
            throw new Refused(S3Error.MALFORMED_XML, "an upload has 1 to " + UploadedPart.MOST + " parts");
        }
        return parts;
    }

    private void element(String name, String value) {
        text.append('<')
                .append(name)
                .append('>')
                .append(escaped(value))
                .append("</")
                .append(name)
                .append('>');
    }

    private void optional(String name, String value) {
        if (!value.isEmpty()) {
            element(name, value);
        }
    }

    /** What XML cannot bear at all, and only an attacker sends, becomes a question mark. */
    private static String escaped(String value) {
        StringBuilder safe = new StringBuilder(value.length() + 16);
        value.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                default ->
                    safe.appendCodePoint(c < 0x20 || c >= 0xd800 && c < 0xe000 || c == 0xfffe || c == 0xffff ? '?' : c);
            }
        });
        return safe.toString();
    }
}
