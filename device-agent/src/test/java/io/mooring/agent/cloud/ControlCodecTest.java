package io.mooring.agent.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.SyncControl;
import org.junit.jupiter.api.Test;

class ControlCodecTest {
    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    @Test
    void takesEachPartForItself() throws Exception {
        SyncControl cloud = ControlCodec.after(
                SyncControl.UNSET,
                json("{'cloud':{'tables':{'Store':{'direction':'down'},'Log':{'direction':'none'}}}}"));
        SyncControl both = ControlCodec.after(
                cloud,
                json("{'device':{'paused':true,'tables':{'Store':{'rows':'account'},'Log':{'direction':'up'}}}}"));

        assertThat(cloud.paused()).isFalse();
        assertThat(both.paused()).isTrue();
        assertThat(both.tables())
                .containsEntry("Store", new SyncControl.Table("down", "account"))
                .containsEntry("Log", new SyncControl.Table("up", null));
        assertThat(ControlCodec.after(both, json("{'device':{'paused':false,'tables':{}}}")))
                .isEqualTo(cloud);
    }

    @Test
    void leavesAsItIsWhatAMessageDoesNotSpeakOf() throws Exception {
        SyncControl paused = ControlCodec.after(SyncControl.UNSET, json("{'device':{'paused':true,'tables':{}}}"));

        assertThat(ControlCodec.after(paused, json("{'catchUp':{'sent':200,'of':450}}")))
                .isEqualTo(paused);
        assertThat(ControlCodec.progress(json("{'catchUp':{'sent':200,'of':450}}")))
                .contains(new AgentEvent.CatchingUp(200, 450));
        assertThat(ControlCodec.progress(json("{}"))).isEmpty();
    }
}
